"""Holders of places who would rather have others: who moves where, and nobody worse off or named."""
