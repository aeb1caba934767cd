"""What is refused about services asked for online, as plain exceptions; nothing has changed then."""

from booking.platform.base.errors import MawidError


class NotOfferedError(MawidError):
    """Nobody would handle the service now: no officer of its agency is there, or no way to pay."""

    code = "not_offered"


class NotEligibleError(MawidError):
    """The person may not ask for this service; ``reasons`` are words of `booking.eservices.online.begin`."""

    code = "not_eligible"

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class AlreadyAskedError(MawidError):
    """The person has a running case of this service for the same thing."""

    code = "already_asked"


class TooManyDraftsError(MawidError):
    """The account has as many unfinished cases as are kept."""

    code = "too_many_drafts"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most}")
        self.most = most
