"""Why here, why not, what would have been enough, what one more place is worth, and who cannot all be served."""
