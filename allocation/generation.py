"""Which way plans are made in: old draws are repeated as they were made."""

from typing import Final

FIRST_GENERATION: Final = 1
SECOND_GENERATION: Final = 2
"""Makes other plans than the first of problems of more than `LARGE` requests, from all their units at once."""
NEWEST_GENERATION: Final = 3
"""Makes other plans than the second of small parts with larger requests, with prices for each size."""
LARGE: Final = 120_000
"""Compensation is rehearsed up to here, by plans of the first generation."""
