"""What may be changed of a request that waits, and the wish that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import DrawRunningError, FieldError, IllegalMoveError, NotFoundError
from booking.platform.base.fields import raise_all
from booking.platform.models import Draw, HouseholdMember, Office, Request, RequestEdit, Service, is_being_closed
from booking.platform.models.states import WAITING_FOR_DRAW, Door, DrawState
from booking.scheduling.requests.draw_part import last_draw
from booking.scheduling.requests.new_rows import ranked_codes
from booking.scheduling.requests.receipt import read_row
from booking.scheduling.requests.wish import ALL_WEEKDAYS, Also, Errand, Wish
from booking.scheduling.requests.wish_again import errands_of, party_of
from booking.scheduling.requests.withdraw import TurnView, turn_view

EDIT: Final = "edited"
"""How the refusal of an edit calls what the request should become."""


@dataclass(frozen=True, slots=True)
class Change:
    """All that may be changed of a request, as it should be from now on; fields as in `Wish`.

    ``receipt`` (hex) is that of the wish as it was read: two changes at once do not overwrite each other unseen.
    ``lost_draws`` are those that counted when it was read, since what becomes of them is told then; None for whatever
    they are. ``people`` are those who stay, ``services`` (codes) those that are still wanted; None for all of them.
    """

    receipt: str
    people: tuple[int, ...]
    offices: tuple[str, ...]
    bands: frozenset[str]
    weekdays: frozenset[int] = field(default=ALL_WEEKDAYS)
    first_day: date | None = None
    last_day: date | None = None
    needed_by: date | None = None
    home_first: date | None = None
    home_last: date | None = None
    accessible: bool = False
    together: bool = False
    lost_draws: int | None = None
    services: tuple[str, ...] | None = None


AS_READ: Final = frozenset({"receipt", "lost_draws"})
"""What of a change is no answer: by it a change is refused that was begun before another one, or before a draw."""


def wish_after(session: Session, request: Request, change: Change) -> tuple[Wish, list[HouseholdMember]]:
    """Return the wish that a change makes of a stored request, with those who leave it.

    Who comes for none of the services that are still wanted leaves.

    Raises
    ------
    InvalidInputError
        Somebody would join, or a service: each is asked for by itself; or no service is left.
    """
    party = party_of(session, request)
    if not {member.id for member in party}.issuperset(change.people):
        raise_all([FieldError("people", "nobody_joins")])
    first, *also = _still_wanted(errands_of(request, party), change)
    wish = Wish(
        service=first.service,
        people=first.people,
        also=tuple(also),
        offices=change.offices,
        bands=change.bands,
        door=request.door,
        first_day=change.first_day,
        last_day=change.last_day,
        weekdays=change.weekdays,
        needed_by=change.needed_by,
        accessible=change.accessible,
        reason=first.reason,
        together=change.together,
        home_first=change.home_first,
        home_last=change.home_last,
    )
    return wish, [member for member in party if member.id not in wish.everyone]


def _still_wanted(errands: Sequence[Errand], change: Change) -> list[Also]:
    """Return the services that are left, in their order, each for those who stay; the first even where nobody does."""
    codes = {errand.service.code for errand in errands}
    wanted = codes if change.services is None else set(change.services)
    if not wanted or not wanted <= codes:
        raise_all([FieldError("services", "no_service_joins" if wanted else "no_service_left")])
    left = [
        Also(
            errand.service.code,
            tuple(member.id for member in errand.members if member.id in change.people),
            errand.reason,
        )
        for errand in errands
        if errand.service.code in wanted
    ]
    return [one for one in left if one.people] or left[:1]


def change_of(session: Session, core: Core, request: Request) -> Change:
    """Return what a request says now, as a form to change it shows it; days that are past are no answer any more."""
    own = [(one.first_day, one.last_day) for one in request.offices if one.first_day and one.last_day]
    party = party_of(session, request)
    return Change(
        receipt=request.receipt.hex(),
        people=tuple(member.id for member in party),
        services=tuple(errand.service.code for errand in errands_of(request, party)),
        offices=ranked_codes(session, request),
        bands=frozenset(request.bands.split(",")),
        weekdays=frozenset(day for day in ALL_WEEKDAYS if request.weekdays >> day & 1),
        first_day=request.first_day if request.first_day > core.today() else None,
        last_day=request.last_day,
        needed_by=request.needed_by,
        home_first=own[0][0] if own else None,
        home_last=own[0][1] if own else None,
        accessible=request.accessible,
        together=request.together,
        lost_draws=request.lost_draws,
    )


def change_back(session: Session, core: Core, request: Request) -> Change | None:
    """Return what a request said before its last change; None where it never changed. Who left does not come back."""
    before = session.scalar(
        select(RequestEdit).where(RequestEdit.request_id == request.id).order_by(RequestEdit.number.desc()).limit(1)
    )
    if before is None:
        return None
    wish = read_row(before.wish)
    return replace(
        change_of(session, core, request),
        offices=wish.offices,
        bands=frozenset(wish.bands),
        weekdays=frozenset(day for day in ALL_WEEKDAYS if wish.weekdays >> day & 1),
        first_day=wish.first_day if wish.first_day > core.today() else None,
        last_day=wish.last_day,
        needed_by=wish.needed_by,
        home_first=wish.windows[0][1] if wish.windows else None,
        home_last=wish.windows[0][2] if wish.windows else None,
        accessible=wish.accessible,
    )


def is_frozen(session: Session, core: Core, request: Request) -> bool:
    """Return whether a draw counts on a waiting request as it is: one that is closed, being closed, or should be.

    Whoever asked in time is in it as they asked, also where the clock of this process is behind that of who closes.
    """
    of_this_request = and_(Draw.id == request.draw_id, Draw.state == DrawState.CLOSED)
    due = and_(Draw.state == DrawState.OPEN, Draw.closes_at <= core.clock.now())
    counts = or_(of_this_request, due, is_being_closed())
    return session.scalar(select(Draw.id).where(counts).limit(1)) is not None


def refuse_frozen(session: Session, core: Core, request: Request) -> None:
    """Let go on only where a request may change.

    Raises
    ------
    IllegalMoveError
        It does not wait for a draw.
    DrawRunningError
        A draw counts on it as it is.
    """
    if request.state not in WAITING_FOR_DRAW:
        raise IllegalMoveError(request.state, EDIT)
    if is_frozen(session, core, request):
        raise DrawRunningError


@dataclass(frozen=True, slots=True)
class Editable:
    """A request that may be changed now: what it says, its people, and what would have given a place.

    ``branches`` can be ranked for a visit home; ``better`` is an office's code and a day; ``others_wait``: the account
    has other requests with which this one could come together; ``turn``: what a change makes of its lost draws;
    ``before``: what it said before its last change.
    """

    reference: str
    services: Sequence[Service]
    door: Door
    change: Change
    party: Sequence[HouseholdMember]
    branches: Sequence[Office]
    better: tuple[str, date] | None
    others_wait: bool
    turn: TurnView
    before: Change | None


def editable(core: Core, *, account_id: UUID, reference: str) -> Editable:
    """Return a request of the account as it may be changed.

    Raises
    ------
    NotFoundError
        The account has no such request.
    IllegalMoveError
        It does not wait for a draw.
    DrawRunningError
        A draw counts on it as it is.
    """
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        if request is None:
            raise NotFoundError
        refuse_frozen(session, core, request)
        return Editable(
            reference=reference,
            services=request.services,
            door=request.door,
            change=change_of(session, core, request),
            party=party_of(session, request),
            branches=_branches(session, request),
            better=_better(session, request),
            others_wait=_others_wait(session, request),
            turn=turn_view(request),
            before=change_back(session, core, request),
        )


def _branches(session: Session, request: Request) -> Sequence[Office]:
    if request.door is Door.HOME or any(one.audience != "both" for one in request.services):
        return []
    offices = session.scalars(select(Office).where(Office.active).order_by(Office.id))
    return [office for office in offices if office.door is Door.HOME]


def _better(session: Session, request: Request) -> tuple[str, date] | None:
    drawn = last_draw(session, request)
    found = drawn.explanation.get("suggestion") if drawn else None
    return (found["office"], date.fromisoformat(found["day"])) if found else None


def _others_wait(session: Session, request: Request) -> bool:
    waiting = select(Request.id).where(
        Request.account_id == request.account_id, Request.id != request.id, Request.state.in_(WAITING_FOR_DRAW)
    )
    return session.scalar(waiting.limit(1)) is not None
