"""What a person sees before they change a request, and what became of earlier changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember, Office, Request, Service
from booking.platform.models.states import WAITING_FOR_DRAW, Door
from booking.scheduling.requests.change import Change, change_back, change_of, refuse_frozen
from booking.scheduling.requests.check_prerequisites import party_of
from booking.scheduling.requests.draw_part import last_draw
from booking.scheduling.requests.turns import TurnView, turn_view


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
