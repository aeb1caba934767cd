"""Registers that Mawid can ask: a real one over HTTP, and a synthetic one for demonstrations and tests."""
