"""What is refused to those who close their account, open it again or take a copy; nothing has changed then."""

from booking.platform.base.errors import MawidError


class StaffAccountError(MawidError):
    """A colleague's account is closed by an administrator, so that their cases find another officer."""

    code = "staff_account"


class UnderWayError(MawidError):
    """A closed draw counts on a request of the account, or an appointment of it has begun: it ends soon."""

    code = "under_way"


class NotClosedError(MawidError):
    """The account is open."""

    code = "not_closed"


class CopyWaitsError(MawidError):
    """A copy was asked for already: it is being made, or waits to be fetched."""

    code = "copy_waits"


class CopyNotThereError(MawidError):
    """There is no copy to fetch: it is not made yet, was fetched, or is too old."""

    code = "copy_not_there"
