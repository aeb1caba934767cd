"""What is stored of accounts, people, helpers, and of reaching them."""
