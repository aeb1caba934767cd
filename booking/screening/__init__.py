"""The gate at work on the database: its commands, and what it learns from what became of each request."""
