"""A request that was never stored: plain values, which cost a tenth of objects that a session watches."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from booking.platform.models.states import LIVE_REQUEST_STATES, REQUEST_MOVES, Door, RequestState, checked_move


@dataclass(slots=True, kw_only=True)
class NewMember:
    """A person of a new request; its fields are columns of `booking.platform.models.RequestMember`."""

    person_id: UUID
    position: int
    exclusive_group: str
    units: int
    live: bool = True
    proven: bool = True


@dataclass(frozen=True, slots=True)
class NewErrand:
    """What a person of a new request for several services comes for; its fields are columns of `RequestErrand`."""

    person_id: UUID
    service_id: int
    position: int
    exclusive_group: str
    units: int
    reason_code: str | None


@dataclass(frozen=True, slots=True)
class NewOffice:
    """An office that a new request ranks; its fields are columns of `booking.platform.models.RequestOffice`."""

    rank: int
    office_id: int
    first_day: date | None = None
    last_day: date | None = None


@dataclass(slots=True, kw_only=True)
class NewRequest:
    """What somebody asks for the first time; its fields are columns of `models.Request`, but for the lists.

    Of what a new request cannot have yet (a draw, a decision of later) only what the database leaves open is here.
    """

    id: UUID
    reference: str
    account_id: UUID
    service_id: int
    door: Door
    state: RequestState = RequestState.SUBMITTED
    party_size: int
    units: int
    service_count: int = 1
    first_day: date
    last_day: date | None
    weekdays: int
    bands: str
    needed_by: date | None
    accessible: bool
    together: bool
    must_hold: bool
    reason_code: str | None
    helper_id: UUID | None = None
    nonce: bytes = b""
    receipt: bytes = b""
    device_hash: bytes
    network_hash: bytes
    phone_hash: bytes
    created_at: datetime
    lost_draws: int = 0
    reschedules: int = 0
    offices: list[NewOffice] = field(default_factory=list)
    members: list[NewMember] = field(default_factory=list)
    errands: list[NewErrand] = field(default_factory=list)

    def move_to(self, state: RequestState) -> None:
        """Do as `booking.platform.models.Request.move_to`; raises IllegalMoveError."""
        self.state = checked_move(REQUEST_MOVES, self.state, state)
        live = state in LIVE_REQUEST_STATES
        for member in self.members:
            member.live = live
