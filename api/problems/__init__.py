"""Every refusal as a status and words: one table a subject, and the documents that show them."""
