"""What answers of several kinds share: how long they are kept, and the limits that they state."""
