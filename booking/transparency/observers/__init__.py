"""Observers of draws: their keys, who names them, and what they read, which is put on record."""
