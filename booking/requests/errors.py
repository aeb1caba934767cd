"""What is refused of requests that exist."""

from booking.base.errors import MawidError


class EditedMeanwhileError(MawidError):
    """The request is not any more as it was when the change was begun: another window or device changed it."""

    code = "edited_meanwhile"
