"""What a quota policy says: its table of shares and the limits that it sets."""
