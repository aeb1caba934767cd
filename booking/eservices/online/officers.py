"""How officers of an agency handle its online cases: who may touch one, and how it gets into their hands and out."""

from functools import partial
from typing import Final

from booking.country.core.own_cases import refuse_own_online_case
from booking.country.core.permissions import Permission, require_agency
from booking.eservices.online.rows import locked_case
from booking.people.hands import claim as hands
from booking.people.hands.handling import Handling
from booking.platform.models import OnlineCase
from booking.platform.models.online.case import OnlineState

ONLINE: Final = Handling(
    name="online",
    model=OnlineCase,
    handle=Permission.HANDLE_ONLINE,
    supervise=Permission.REVOKE_RESULTS,
    waiting=OnlineState.SUBMITTED,
    assigned=OnlineState.ASSIGNED,
    held=frozenset({OnlineState.ASSIGNED, OnlineState.APPROVED}),
    locking_order=OnlineCase.id,
    lock=locked_case,
    move=OnlineCase.move_to,
    require=lambda account, permission, case: require_agency(account, permission, agency_code=case.agency_code),
    refuse_own=refuse_own_online_case,
    for_supervisors=lambda _: False,
)
"""Online cases in the hands of their agency's officers."""

claim: Final = partial(hands.claim, ONLINE)
"""Take a waiting case into one's hands: see `booking.people.hands.claim`."""
release: Final = partial(hands.release, ONLINE)
"""Give an undecided case back to the queue: see `booking.people.hands.claim`."""
