"""Reading a request at the desk: who read it, and why, is on record before it is shown."""

from typing import Final
from uuid import UUID

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_request
from booking.country.core.permissions import Permission, require
from booking.platform.base import fields
from booking.platform.models import Account
from booking.platform.models.states import RequestState
from booking.scheduling.requests.staff_views import Case, find_case

WAITING: Final = "it waits for a decision"
"""The reason of a look at an open case; for any other the officer gives one."""

TRIED: Final = "its decision was refused"
"""The reason of the look that follows, at a case that somebody else decided meanwhile."""


def look_at_review(core: Core, *, officer_id: UUID, reference: str, reason: str = "") -> Case:
    """Return to an officer a request with its verdict and appeal.

    Parameters
    ----------
    reason
        Why a request that waits for no decision is read; one that waits needs none.

    Raises
    ------
    ForbiddenError
        The account may not use the desk.
    OwnCaseError
        The request is of the officer's own person, household or phone.
    InvalidInputError
        The reason is needed and missing, or too long.
    NotFoundError
        There is no such request.
    """
    case = find_case(core, reference)
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.USE_DESK)
        refuse_own_request(session, officer_id, case.request.id)
        waits = case.request.state is RequestState.UNDER_REVIEW
        why = WAITING if waits else fields.words("reason", reason)
        audit.record(session, core, officer, "review.looked_at", reference, reason=why)
    return case
