"""Urgent cases that colleagues decided in the weeks before, so that there is something to watch.

They are written as rows, for playing each would take minutes; the database's own guards look at them all the same.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import Final, TypeAlias
from uuid import UUID

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.entrypoints.demo.accounts import OFFICE
from booking.entrypoints.demo.actor import PASSWORD
from booking.people.staff.create import create_staff
from booking.platform.base.references import new_reference
from booking.platform.models import Office, Request, Slot, UrgentDecision, UrgentRequest
from booking.platform.models.states import LIVE_REQUEST_STATES, Door, Role, UrgentAct, UrgentState

_USUAL: Final = 0.42
_GENEROUS: Final = 0.93
_DECISIONS: Final = (18, 44)
_DAYS: Final = 80
_DESKS: Final = 3
_MOST_WISHES: Final = 400
_Wish: TypeAlias = tuple[UUID, UUID]
"""A request's id and its account's."""
_NAMES: Final = ("hala", "maher", "rana", "yusuf", "dana", "fadi", "lama", "basel")


@dataclass(frozen=True, slots=True)
class _Colleague:
    account_id: UUID
    office_id: int
    slot_id: int


def decided_before(core: Core, officer_id: UUID, *, seed: int) -> int:
    """Write what the ready officer and eight colleagues decided; one of them approves nearly all. Return how many."""
    rng = np.random.default_rng([seed, 19])
    with core.sessions() as session:
        asked, desks = _wishes(session), _desks(session)
    colleagues = [_Colleague(officer_id, *desks[0][1:])]
    for name, (code, *desk) in zip(_NAMES, cycle(desks), strict=False):
        colleagues.append(_Colleague(_hire(core, name, code), *desk))
    wishes, written = cycle(asked), 0
    with core.sessions.begin() as session:
        for number, colleague in enumerate(colleagues):
            generous = number == 1
            answers = rng.random(int(rng.integers(*_DECISIONS))) < (_GENEROUS if generous else _USUAL)
            for approved in answers:
                _decide(session, core, rng, colleague, next(wishes), approved=bool(approved))
            written += len(answers)
    return written


def _hire(core: Core, name: str, office: str) -> UUID:
    return create_staff(
        core,
        username=f"officer-{name}",
        password=PASSWORD,
        phone=f"+96394498{_NAMES.index(name):04d}",
        roles=[Role.OFFICER],
        office_code=office,
        language="ar",
        by=None,
    )


def _wishes(session: Session) -> list[_Wish]:
    """Return requests that are over, so that nobody who waits reads of a case that they never had."""
    rows = session.execute(
        select(Request.id, Request.account_id)
        .where(Request.door == Door.HOME, Request.state.not_in(LIVE_REQUEST_STATES))
        .order_by(Request.created_at, Request.reference)
        .limit(_MOST_WISHES)
    )
    return [(row.id, row.account_id) for row in rows]


def _desks(session: Session) -> list[tuple[str, int, int]]:
    """Return the branches that have slots, with one of these, the ready officer's own first."""
    rows = session.execute(
        select(Office.code, Office.id, func.min(Slot.id))
        .join(Slot, Slot.office_id == Office.id)
        .where(Office.kind == "branch")
        .group_by(Office.code, Office.id)
        .order_by(Office.code != OFFICE, Office.code)
        .limit(_DESKS)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _decide(
    session: Session, core: Core, rng: np.random.Generator, colleague: _Colleague, wish: _Wish, *, approved: bool
) -> None:
    """Write one case that is over by now, with its decision."""
    request_id, account_id = wish
    at = core.clock.now() - timedelta(hours=float(rng.uniform(24, 24 * _DAYS)))
    sent = at - timedelta(hours=float(rng.lognormal(1.6, 0.8)))
    reasons = core.pack.urgent_reasons
    reason = reasons[int(rng.integers(len(reasons)))]
    case = UrgentRequest(
        reference=new_reference(),
        request_id=request_id,
        account_id=account_id,
        office_id=colleague.office_id,
        state=UrgentState.WITHDRAWN if approved else UrgentState.DENIED,
        reason_code=reason.code,
        severity=reason.severity,
        needed_by=(at + timedelta(days=6)).date(),
        created_at=sent,
        submitted_at=sent,
        closed_at=at,
    )
    session.add(case)
    session.flush()
    session.add(
        UrgentDecision(
            urgent_request_id=case.id,
            officer_id=colleague.account_id,
            act=UrgentAct.APPROVAL if approved else UrgentAct.DENIAL,
            position=1 if approved else None,
            slot_id=colleague.slot_id if approved else None,
            reason_code="evidence_is_clear" if approved else "draw_is_in_time",
            note="a decision of the demonstration's past",
            at=at,
        )
    )
