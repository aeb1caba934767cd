"""Urgent cases: the one way past the draw, by a person's decision on the record."""
