"""What people may do about what is kept of them: take a copy, close their account, and be forgotten in time."""
