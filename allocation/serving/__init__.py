"""Whom to serve: exact where units may split, near-linear where requests stay whole."""
