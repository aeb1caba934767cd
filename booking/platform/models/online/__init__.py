"""What is stored of services asked for online: cases, originals, payments, results."""
