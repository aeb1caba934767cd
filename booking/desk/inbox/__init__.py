"""What waits for a member of staff, whatever subject it belongs to, and where a reference leads them."""
