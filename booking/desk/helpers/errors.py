"""What is refused to helpers, as plain exceptions; nothing has changed then."""

from booking.platform.base.errors import MawidError


class HelperSuspendedError(MawidError):
    """The helper is suspended: it can do nothing for anybody until its office lifts that."""

    code = "helper_suspended"


class HelperCapReachedError(MawidError):
    """The helper sent as many requests today or this month as it may."""

    code = "helper_cap_reached"


class TooManyAtOnceError(MawidError):
    """The helper has as many people at once, whose consent is asked for or not used yet, as it may."""

    code = "too_many_at_once"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} at once")
        self.most = most


class ConsentMissingError(MawidError):
    """The person has not consented, withdrew the consent, or it is too old."""

    code = "consent_missing"


class ConsentUsedError(MawidError):
    """The consent was used for a request already: another request needs another consent."""

    code = "consent_used"


class PaperMissingError(MawidError):
    """The photo of the signed paper is not there yet."""

    code = "paper_missing"


class PaperCapReachedError(MawidError):
    """The helper sent as many requests on paper today as policy allows."""

    code = "paper_cap_reached"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} a day")
        self.most = most


class NothingToTakeOverError(MawidError):
    """The account has a user name and password of its own already."""

    code = "nothing_to_take_over"


class ClientNotProvenError(MawidError):
    """The person has to be proven first, in their own account or at a counter; the consent can still be used."""

    code = "client_not_proven"
