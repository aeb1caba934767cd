"""What is refused about urgent cases, as plain exceptions; nothing has changed then."""

from booking.platform.base.errors import MawidError


class UrgentNotPossibleError(MawidError):
    """The request is in no state from which an urgent case can be asked or approved."""

    code = "urgent_not_possible"


class UrgentExistsError(MawidError):
    """The request has an urgent case already."""

    code = "urgent_exists"


class TooManyUrgentError(MawidError):
    """The person asked for urgency as often as policy allows."""

    code = "too_many_urgent"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} in ninety days")
        self.most = most


class UrgentPoolEmptyError(MawidError):
    """No urgent place is left where and when it was looked for; nothing is taken."""

    code = "urgent_pool_empty"


class DifferentPersonNeededError(MawidError):
    """The second approval must come from someone other than the first."""

    code = "different_person_needed"


class TooLateToUndoError(MawidError):
    """The decision is older than the seconds in which its maker can undo it, or something followed from it."""

    code = "too_late_to_undo"


class UploadOffsetError(MawidError):
    """A part does not begin where the parts before it end, at ``received`` bytes."""

    code = "upload_offset"

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes have come")
        self.received = received


class UploadOverError(MawidError):
    """The upload is over: a day has passed, a newer one replaced it, or its file was refused. It begins again."""

    code = "upload_over"
