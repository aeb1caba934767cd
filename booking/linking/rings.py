"""Rings among the accounts of the last months: one case each, which grows with its ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pandas as pd
import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.linking.cases import new_case
from booking.linking.records import AT_ONCE
from booking.linking.ring_evidence import evidence_of
from booking.models import Account, Request, ReviewCase
from booking.models.base import Json
from booking.models.requests.case_states import CASE_MOVES, CaseKind, CaseState
from booking.models.states import checked_move

DAYS: Final = 90
"""How far back requests join accounts."""
GROWN_FROM: Final = 0.25
"""Share of a ring's accounts that are new since it was decided from which it is asked about again."""
_LOCK: Final = 0x72696E67  # "ring"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that share devices and phones; ``evidence`` is what a case keeps of them."""

    accounts: tuple[UUID, ...]
    evidence: Json


def find_rings_of_accounts(core: Core, *, days: int = DAYS) -> list[Ring]:
    """Find the rings in the requests of the last days, the largest first; registered helpers are left out."""
    from fraud.linkage.rings import find_rings  # noqa: PLC0415 - compiles when it is first used, which web processes never do

    until = core.clock.now()
    since = until - timedelta(days=days)
    with core.sessions() as session:
        found = find_rings(_bookings(session, since, until))
    members, links = dict(list(found.members.groupby("ring"))), dict(list(found.links.groupby("ring")))
    rings = []
    for number in found.rings.index:
        accounts, evidence = evidence_of(members[number], links[number])
        period = {"since": since.isoformat(), "until": until.isoformat()}
        rings.append(Ring(tuple(accounts), period | evidence))
    return rings


def open_rings(core: Core, *, days: int = DAYS) -> int:
    """Open a case for each new ring, and let open cases grow with theirs; return how many were opened or grew."""
    rings = find_rings_of_accounts(core, days=days)
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        changed = sum(_ask(session, core, ring) for ring in rings)
    _log.info("rings", found=len(rings), opened_or_grown=changed)
    return changed


def cases_of(session: Session, accounts: Sequence[UUID]) -> list[ReviewCase]:
    """Return the ring cases that hold some of these accounts, the oldest first, but for those that went into others."""
    return list(
        session.scalars(
            select(ReviewCase)
            .where(
                ReviewCase.kind == CaseKind.RING,
                ReviewCase.state != CaseState.MERGED,
                ReviewCase.subjects.overlap(list(accounts)),
            )
            .order_by(ReviewCase.opened_at, ReviewCase.reference)
        )
    )


def _bookings(session: Session, since: datetime, until: datetime) -> pd.DataFrame:
    """Read who asked from which device and phone; equal values are one object, so that a million rows stay small."""
    statement = (
        select(Request.account_id, Request.device_hash, Request.phone_hash)
        .join(Account, Account.id == Request.account_id)
        .where(Request.created_at >= since, Request.created_at <= until, ~Account.registered_helper)
        .order_by(Request.created_at, Request.id)
    )
    known: dict[Any, Any] = {}
    with session.execute(statement.execution_options(yield_per=AT_ONCE)) as found:
        rows = [tuple(known.setdefault(value, value) for value in row) for row in found]
    return pd.DataFrame(rows, columns=["account", "device", "phone"], dtype=object)


def _ask(session: Session, core: Core, ring: Ring) -> bool:
    """Open, grow or merge the cases of one ring; return whether an officer has something new to read."""
    known = cases_of(session, ring.accounts)
    waiting = [case for case in known if case.state is CaseState.OPEN]
    if waiting:
        return _grow(session, core, waiting, ring)
    decided = [case for case in known if case.state is CaseState.DECIDED]
    new = set(ring.accounts).difference(*(case.subjects for case in decided))
    if decided and len(new) < GROWN_FROM * len(ring.accounts):
        return False
    evidence = ring.evidence | {"before": [case.reference for case in decided]}
    session.add(ReviewCase(**new_case(core, CaseKind.RING, ring.accounts, _key(ring.accounts), evidence)))
    session.flush()
    return True


def _grow(session: Session, core: Core, waiting: Sequence[ReviewCase], ring: Ring) -> bool:
    """Bring the ring's new accounts into its oldest open case, and its other cases into that one."""
    oldest, *others = [session.get_one(ReviewCase, case.id, with_for_update=True) for case in waiting]
    before = {account for case in (oldest, *others) for account in case.subjects}
    if not others and before.issuperset(ring.accounts):
        return False
    for case in others:
        case.state = checked_move(CASE_MOVES, case.state, CaseState.MERGED)
        case.closed_at = core.clock.now()
        case.evidence = case.evidence | {"into": oldest.reference}
    session.flush()
    earlier = {reference for case in (oldest, *others) for reference in case.evidence.get("before", [])}
    oldest.subjects = [*ring.accounts, *sorted(before.difference(ring.accounts))]
    oldest.subject_key = _key(oldest.subjects)
    oldest.evidence = ring.evidence | {"before": sorted(earlier)}
    oldest.revision += 1
    session.flush()
    return True


def _key(accounts: Sequence[UUID]) -> str:
    return min(accounts).hex
