"""Rings among the accounts of the last months: one case each, which grows with its ring.

What a case keeps of a ring: figures, what speaks for it, and the part of its graph that a page can show.

No personal data; of clients, who need a passport and paid for help, not which accounts they are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import pandas as pd
import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.antifraud.linking.cases import new_case
from booking.antifraud.linking.records import AT_ONCE, in_parts
from booking.country.core.core import Core
from booking.platform.models import ReviewCase
from booking.platform.models.base import Json
from booking.platform.models.requests.case import CASE_MOVES, CaseKind, CaseState
from booking.platform.models.states import checked_move

# Registered helpers serve many people on few devices on purpose.
_ASKED: Final = """
    FROM request r JOIN account a ON a.id = r.account_id
    WHERE r.created_at >= :since AND r.created_at <= :until AND NOT a.registered_helper
    """
_BOOKINGS: Final = text(
    f"""
    SELECT r.account_id, r.device_hash, r.phone_hash, extract(epoch FROM r.created_at)::float {_ASKED}
    ORDER BY r.created_at, r.id
    """  # noqa: S608 - made of constants
)
# Whom a request is for may have left it since: then it is for somebody whom nobody else asks for.
_DETAILS: Final = text(
    f"""
    SELECT r.account_id, r.device_hash, r.phone_hash, extract(epoch FROM r.created_at)::float,
           coalesce(
             (SELECT m.person_id FROM request_member m WHERE m.request_id = r.id ORDER BY m.position LIMIT 1), r.id
           ),
           r.party_size,
           (SELECT (v.inputs->'facts'->>'form_seconds')::float FROM verdict v
            WHERE v.request_id = r.id AND v.officer_id IS NULL ORDER BY v.decided_at, v.id LIMIT 1),
           extract(epoch FROM r.created_at - a.created_at)::float / 3600
    {_ASKED} AND r.account_id = ANY(:accounts)
    ORDER BY r.created_at, r.id
    """  # noqa: S608 - made of constants
)
_SHORT: Final = ("account", "device", "phone", "at")
_LONG: Final = (*_SHORT, "person", "party", "seconds", "age_hours")


def bookings(session: Session, since: datetime, until: datetime) -> pd.DataFrame:
    """Read who asked from which device and phone; equal values are one object, so that a million rows stay small."""
    known: dict[Any, Any] = {}
    with session.execute(
        _BOOKINGS, {"since": since, "until": until}, execution_options={"yield_per": AT_ONCE}
    ) as found:
        rows = [(*(known.setdefault(value, value) for value in row[:3]), row[3]) for row in found]
    return _frame(rows, _SHORT)


def details(session: Session, since: datetime, until: datetime, accounts: "pd.Index[Any]") -> pd.DataFrame:
    """Read all that `fraud.rings.find_rings` asks about the bookings of some accounts."""
    rows: list[tuple[Any, ...]] = []
    for part in in_parts(accounts.tolist()):
        found = session.execute(_DETAILS, {"since": since, "until": until, "accounts": part})
        rows += [tuple(row) for row in found]
    return _frame(rows, _LONG)


def _frame(rows: list[tuple[Any, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    kinds = dict.fromkeys(set(columns) & {"at", "party", "seconds", "age_hours"}, float)
    return pd.DataFrame(rows, columns=list(columns), dtype=object).astype(kinds)


MOST_IDENTIFIERS: Final = 12
MOST_NODES: Final = 40
"""Accounts, devices and phones on a drawing: of more nobody sees anything."""
SPEAKS_FROM: Final = 0.5
"""Log-odds from which a sign is worth a sentence."""
SIGNS: Final = ("households", "load", "pooled", "alone", "seconds")
_HASH_DIGITS: Final = 8


def evidence_of(ring: Mapping[Any, Any], members: pd.DataFrame, links: pd.DataFrame) -> tuple[list[UUID], Json]:
    """Sum up one ring.

    Parameters
    ----------
    ring, members, links
        Its rows of what `fraud.rings.find_rings` returns.

    Returns
    -------
    tuple
        The ring's own accounts, those that are shown first; and the evidence. ``signs`` are what speaks for reselling
        and against it, the strongest first. ``shown`` holds ``roles``, ``bookings`` and ``people`` of each shown
        account, own ones before clients; ``identifiers`` (kind, the first digits of the keyed hash, all accounts on it)
        and ``links``: the number of an account, of an identifier, and the bookings that they have in common.
    """
    identifiers = _strongest_identifiers(links)
    number = {key: place for place, key in enumerate(identifiers)}
    keys = pd.Series(zip(links["kind"], links["identifier"], strict=True), index=links.index, dtype=object)
    drawn = links.assign(number=keys.map(number)).dropna(subset=["number"])
    of_account = {row["account"]: row for row in members.to_dict("records")}
    own = [account for account, row in of_account.items() if row["role"] != "client"]
    accounts = _shown(of_account, drawn["account"], own)[: MOST_NODES - len(identifiers)]
    place = {account: index for index, account in enumerate(accounts)}
    kinds = links.drop_duplicates(["kind", "identifier"])["kind"].value_counts()
    evidence = {
        "probability": round(float(ring["probability"]), 4),
        "signs": _signs(ring),
        **{name: int(ring[name]) for name in ("accounts", "organisers", "tools", "clients", "people", "bookings")},
        "devices": int(kinds.get("device", 0)),
        "phones": int(kinds.get("phone", 0)),
        "shown": {
            "roles": [str(of_account[account]["role"]) for account in accounts],
            "bookings": [int(of_account[account]["bookings"]) for account in accounts],
            "people": [int(of_account[account]["people"]) for account in accounts],
            "identifiers": [
                {"kind": kind, "hash": identifier.hex()[:_HASH_DIGITS], "accounts": size}
                for (kind, identifier), size in identifiers.items()
            ],
            "links": sorted(
                [place[account], int(identifier), int(common)]
                for account, identifier, common in zip(
                    drawn["account"], drawn["number"], drawn["bookings"], strict=True
                )
                if account in place
            ),
        },
    }
    return [*(account for account in own if account in place), *(one for one in own if one not in place)], evidence


def _signs(ring: Mapping[Any, Any]) -> list[Json]:
    """Return what adds to the log-odds or takes from them, with its figure."""
    figures = {name: round(float(ring[f"{name}_figure"]), 3) for name in SIGNS}
    parts = {name: float(ring[name]) for name in SIGNS if abs(float(ring[name])) >= SPEAKS_FROM}
    strongest = sorted(parts, key=lambda name: -abs(parts[name]))
    return [{"sign": name, "for": parts[name] > 0, "figure": figures[name]} for name in strongest]


def _strongest_identifiers(links: pd.DataFrame) -> dict[tuple[str, bytes], int]:
    """Return the identifiers that most accounts share, with their number."""
    pairs = Counter(zip(links["kind"], links["identifier"], strict=True))
    return dict(sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:MOST_IDENTIFIERS])


def _shown(of_account: Mapping[UUID, Any], linked: "pd.Series[Any]", own: list[UUID]) -> list[UUID]:
    """Return the accounts that are ``linked``: own ones in their order, then clients, most bookings first."""
    some = set(linked)
    clients = sorted(some.difference(own), key=lambda account: (-of_account[account]["bookings"], account))
    return [*(account for account in own if account in some), *clients]


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
