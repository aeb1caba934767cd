"""Registered helpers: consent, asking in a person's name, caps, signed papers, the person taking over."""
