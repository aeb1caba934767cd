"""A case in an officer's hands: taken from the queue, given back, read; for every kind of case that officers decide."""
