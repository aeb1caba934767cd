"""What is refused of requests that exist."""

from booking.platform.base.errors import MawidError


class EditedMeanwhileError(MawidError):
    """The request is not any more as it was when the change was begun: another window or device changed it."""

    code = "edited_meanwhile"


class DrawLostMeanwhileError(MawidError):
    """Another draw was lost since the change was begun: how many of them count for it is not as it was told."""

    code = "draw_lost_meanwhile"
