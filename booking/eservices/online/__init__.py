"""Services asked for online: the form, the papers, the fee, the agency's officers, the result and its check."""
