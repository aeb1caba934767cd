"""What is refused about draws, or fails."""

from booking.platform.base.errors import MawidError


class DrawsFailedError(MawidError):
    """The step of a draw failed; the message says what was done and what failed, with the class of the reason."""

    code = "draws_failed"


class ShortSliceError(Exception):
    """A statement that gives out a slice of a draw wrote fewer rows than the slice has; the message says how many."""
