"""Secrets and their life: which seals, what is still sealed with one before it, and sealing everything anew."""
