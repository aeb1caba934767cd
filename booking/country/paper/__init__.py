"""Documents on paper: one layout for everything that is printed or kept as a PDF, in Arabic and English."""
