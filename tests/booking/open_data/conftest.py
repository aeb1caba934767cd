"""What leaves is counted as figures are: the same world."""

from tests.booking.figures.conftest import world

__all__ = ["world"]
