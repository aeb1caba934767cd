"""Whom we know under two numbers, and which accounts belong together: looked for by jobs, decided by officers."""
