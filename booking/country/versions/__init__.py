"""Versions of what decides: one person proposes, another one activates, and any earlier one can come back."""
