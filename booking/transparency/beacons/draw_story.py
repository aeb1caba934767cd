"""What of a draw was fixed when, who saw it, and what decided: for its page, so that anyone knows what to check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import Draw, LogCosignature, LogEntry
from booking.transparency.beacons.terms import earliest, is_known
from booking.transparency.beacons.values import value_of

_ROUNDS: Final = "https://api.drand.sh/{chain}/public/{round}"


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the public log: its index, its SHA-256, when it went in."""

    index: int
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness, by name, and when it first signed a log that holds the closing statement."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Chance:
    """What decides with the seed.

    Attributes
    ----------
    kind
        "drand" or "witnesses".
    round, at, link
        Of drand: the round, when it comes out, and where anyone reads it.
    names, need
        Of witnesses: who they are, and how many of them make the value.
    alone
        Whether this installation is the only witness, as in a demonstration.
    value
        In hexadecimal digits, once it is there.
    """

    kind: str
    round: int | None
    at: datetime | None
    link: str | None
    names: Sequence[str]
    need: int
    alone: bool
    value: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """The steps of a draw of format 2; what has not happened yet is None or empty."""

    announcement: Logged | None
    statement: Logged | None
    seen: Sequence[Seen]
    chance: Chance
    result: Logged | None


def draw_story(core: Core, draw: Draw) -> Story | None:
    """Return what was fixed when; None for a draw of the first format, which had no log and no beacon."""
    if draw.beacon is None:
        return None
    with core.sessions() as session:
        found = {
            entry.kind: Logged(entry.index, sha256(entry.body).hexdigest(), entry.at)
            for entry in session.scalars(
                select(LogEntry).where(
                    LogEntry.kind.in_(["announcement", "statement", "result"]), LogEntry.key == draw.reference
                )
            )
        }
        statement = found.get("statement")
        seen = _seen(session, statement.index) if statement else []
    return Story(
        announcement=found.get("announcement"),
        statement=statement,
        seen=seen,
        chance=_chance(draw.beacon, draw.beacon_signature),
        result=found.get("result"),
    )


def _seen(session: Session, index: int) -> list[Seen]:
    """Return who signed a log that holds an entry, the first time of each, by name."""
    first = func.min(LogCosignature.at)
    rows = session.execute(
        select(LogCosignature.witness, first).where(LogCosignature.size > index).group_by(LogCosignature.witness)
    )
    return sorted((Seen(key.partition("+")[0], at) for key, at in rows), key=lambda one: one.name)


def _chance(terms: dict[str, Any], signature: bytes | None) -> Chance:
    drand = terms["kind"] == "drand"
    return Chance(
        kind=terms["kind"],
        round=terms["round"] if drand else None,
        at=earliest(terms),
        link=_ROUNDS.format_map(terms) if drand else None,
        names=() if drand else tuple(terms["of"]),
        need=0 if drand else terms["need"],
        alone=not drand and not is_known(terms),
        value=value_of(signature).hex() if signature else None,
    )
