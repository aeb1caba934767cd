"""Draws: freezing, deciding, applying, publishing, and checking one from its files alone."""
