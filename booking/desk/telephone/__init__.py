"""Any phone: one dialogue by voice menu, USSD and text message, over the use cases of the pages."""
