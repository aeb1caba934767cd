"""What is refused about cases in an officer's hands; nothing has changed then."""

from booking.platform.base.errors import MawidError


class CaseNotInHandsError(MawidError):
    """The case is in nobody's hands or in someone else's: an officer takes a case before deciding it."""

    code = "case_not_in_hands"
