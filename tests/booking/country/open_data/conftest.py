"""What leaves is counted as figures are: the same world."""

from tests.booking.country.figures.conftest import world

__all__ = ["world"]
