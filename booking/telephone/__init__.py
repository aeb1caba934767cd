"""Any phone: one dialogue by voice menu and USSD, over the use cases of the pages."""
