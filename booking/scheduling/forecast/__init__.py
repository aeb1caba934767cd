"""What the coming weeks may bring: demand, no-shows, and how many more places that leaves room for.

`history` and `commands` alone know the database; the rest is a library for notebooks too. See docs/forecast.md.
"""
