"""Rings among the accounts of the last months: one case each, which grows with its ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.antifraud.linking.cases import new_case
from booking.antifraud.linking.ring_bookings import bookings, details
from booking.antifraud.linking.ring_evidence import evidence_of
from booking.country.core.core import Core
from booking.platform.models import ReviewCase
from booking.platform.models.base import Json
from booking.platform.models.requests.case import CASE_MOVES, CaseKind, CaseState
from booking.platform.models.states import checked_move

DAYS: Final = 90
"""How far back requests join accounts."""
GROWN_FROM: Final = 0.25
"""Share of a ring's accounts that are new since it was decided from which it is asked about again."""
_LOCK: Final = 0x72696E67  # "ring"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring's own ``accounts``, organisers first, and its ``clients``; ``evidence`` is what a case shows."""

    accounts: tuple[UUID, ...]
    clients: frozenset[UUID]
    evidence: Json


def find_rings_of_accounts(core: Core, *, days: int = DAYS) -> list[Ring]:
    """Find the rings in the requests of the last days, the most probable first; registered helpers are left out."""
    from fraud.rings import find_rings  # noqa: PLC0415 - loads a graph library, which web processes never need

    until = core.clock.now()
    since = until - timedelta(days=days)
    with core.sessions() as session:
        found = find_rings(bookings(session, since, until), details=partial(details, session, since, until))
    members, links = dict(list(found.members.groupby("ring"))), dict(list(found.links.groupby("ring")))
    period = {"since": since.isoformat(), "until": until.isoformat()}
    rings = []
    for number, ring in enumerate(found.rings.to_dict("records")):
        own, evidence = evidence_of(ring, members[number], links[number])
        accounts = members[number]
        clients = accounts["account"][accounts["role"] == "client"]
        rings.append(Ring(tuple(own), frozenset(clients), period | evidence))
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


def _ask(session: Session, core: Core, ring: Ring) -> bool:
    """Open, grow or merge the cases of one ring; return whether an officer has something new to read."""
    known = cases_of(session, ring.accounts)
    # Locked as they are now: an officer may have decided one a moment ago, about the accounts that it had then.
    for case in sorted((case for case in known if case.state is CaseState.OPEN), key=lambda case: case.id):
        session.refresh(case, with_for_update=True)
    waiting = [case for case in known if case.state is CaseState.OPEN]
    if waiting:
        return _grow(session, core, waiting, ring)
    decided = [case for case in known if case.state is CaseState.DECIDED]
    new = set(ring.accounts).difference(*(case.subjects for case in decided))
    if decided and len(new) < GROWN_FROM * len(ring.accounts):
        return False
    evidence = ring.evidence | {"before": [case.reference for case in decided]}
    case = ReviewCase(**new_case(core, CaseKind.RING, ring.accounts, _key(ring.accounts), evidence))
    case.concerns = sorted(ring.clients)
    session.add(case)
    session.flush()
    return True


def _grow(session: Session, core: Core, waiting: Sequence[ReviewCase], ring: Ring) -> bool:
    """Bring the ring's new accounts into its oldest open case, and its other cases into that one.

    An account stays in an open case when a night does not see it in the ring any more, but for one that turned out to
    be a client's. Of a case that a version without roles opened nobody stays whom this night does not find: it held
    clients and honest customers as well.
    """
    oldest, *others = waiting
    before = {
        account
        for case in waiting
        if "organisers" in case.evidence
        for account in case.subjects
        if account not in ring.clients
    }
    # Whom a ring helps decides nothing about it. More of them are nothing new to read.
    oldest.concerns = sorted(ring.clients.union(oldest.concerns).difference(ring.accounts))
    if not others and before.issuperset(ring.accounts) and before.issuperset(oldest.subjects):
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
