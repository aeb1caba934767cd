"""Paying for what is asked for online: an interface to providers, a sandbox, and capture that counts once."""
