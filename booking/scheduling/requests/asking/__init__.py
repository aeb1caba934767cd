"""Judging and keeping attempts to ask: those that come together are read, judged and written together."""
