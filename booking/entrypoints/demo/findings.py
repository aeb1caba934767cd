"""What happened, in figures: read from the database and from what each applicant met."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, text

from booking.country.core.core import Core
from booking.country.places.balance import count_oversold, count_unbalanced
from booking.entrypoints.demo.actor import BOOKED_AT_ONCE, Outcome
from booking.entrypoints.demo.market import is_invented
from booking.entrypoints.demo.people import Applicant, PlannedAsk
from booking.platform.models import Draw, DrawEntry, Request
from booking.platform.models.base import Json

GATE_WORDS: Final = ("accept", "challenge", "review", "refuse")
STOPPED: Final = "stopped"
"""Attempts that never became a request: a limit, a live request of the same person, no account, no such person."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate said to one group's attempts.

    ``words`` are the verdicts, ``instant`` (booked at once) and ``stopped``, with ``stopped_by`` telling by what;
    ``answered`` are challenges answered with the code; ``tried_instant`` attempts to book at once.
    """

    words: Mapping[str, int]
    stopped_by: Mapping[str, int]
    answered: int
    tried_instant: int
    degraded: int

    @property
    def asked(self) -> int:
        """All attempts."""
        return sum(self.words.values())


@dataclass(frozen=True, slots=True)
class Unlucky:
    """One request that the draw did not serve, as its owner sees it: who was ahead, what would have been enough.

    ``told`` of the ``all`` requests without a place were shown a place that would have been theirs.
    """

    reference: str
    ahead: int
    office: str
    day: str
    told: int
    all: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A published draw beside what only the demonstration knows.

    Pairs are (served, asked) in requests: of hoarders, of those whose needed-by day is in the horizon (a request is
    only served in time), and of those who lost a draw before. ``hoarded_units`` is what hoarders were
    given, ``invented`` how many of their served requests are for nobody.
    """

    reference: str
    figures: Mapping[str, Any]
    seconds: float
    checks: tuple[int, int]
    hoarders: tuple[int, int]
    hoarded_units: int
    invented: int
    deadlines: tuple[int, int]
    carried: tuple[int, int]
    unlucky: Unlucky | None


@dataclass(frozen=True, slots=True)
class Freed:
    """Places of the first draw that came back, and how many of them the next draw gave to somebody else."""

    units: int
    given_again: int


def judged(outcomes: Iterable[Outcome], applicants: Mapping[int, Applicant], *, hoards: bool) -> Judged:
    """Count the gate's verdicts on hoarders or on honest people."""
    words: Counter[str] = Counter()
    stopped: Counter[str] = Counter()
    answered = tried = degraded = 0
    for outcome in outcomes:
        if applicants[outcome.applicant].kind.hoards is not hoards:
            continue
        if outcome.word in {*GATE_WORDS, BOOKED_AT_ONCE}:
            words[outcome.word] += 1
        else:
            words[STOPPED] += 1
            stopped[outcome.word] += 1
        answered += bool(outcome.answered)
        tried += outcome.instant is not None
        degraded += outcome.degraded
    return Judged(dict(words), dict(stopped), answered, tried, degraded)


def drawn(
    core: Core,
    draw: Draw,
    *,
    seconds: float,
    checks: tuple[int, int],
    asked: Mapping[str, tuple[Applicant, PlannedAsk]],
) -> Drawn:
    """Sum up a published draw; ``asked`` knows the requests by reference."""
    with core.sessions() as session:
        entries = session.execute(
            select(Request.reference, DrawEntry.served, DrawEntry.priority, DrawEntry.explanation)
            .join(DrawEntry, DrawEntry.request_id == Request.id)
            .where(DrawEntry.draw_id == draw.id)
        ).all()
    known = [(*asked[row.reference], bool(row.served)) for row in entries if row.reference in asked]
    hoarded = [(ask.units, served) for applicant, ask, served in known if applicant.kind.hoards]
    due = [served for _, ask, served in known if ask.needed_by is not None and ask.needed_by <= draw.horizon_last]
    carried = [bool(row.served) for row in entries if row.priority]
    return Drawn(
        reference=draw.reference,
        figures=draw.figures,
        seconds=seconds,
        checks=checks,
        hoarders=(sum(served for _, served in hoarded), len(hoarded)),
        invented=sum(served and is_invented(applicant, ask) for applicant, ask, served in known),
        hoarded_units=sum(units for units, served in hoarded if served),
        deadlines=(sum(due), len(due)),
        carried=(sum(carried), len(carried)),
        unlucky=_unlucky((row.reference, row.explanation) for row in entries if not row.served),
    )


def _unlucky(explained: Iterable[tuple[str, Json]]) -> Unlucky | None:
    lost = sorted(explained, key=lambda each: each[0])
    told = [(reference, why) for reference, why in lost if why.get("suggestion")]
    if not told:
        return None
    reference, why = told[0]
    return Unlucky(reference, why["ahead"], why["suggestion"]["office"], why["suggestion"]["day"], len(told), len(lost))


def freed(core: Core, first: str, second: str) -> Freed:
    """Count the places of the first draw that were cancelled or lapsed, and those that the second gave again."""
    with core.sessions() as session:
        row = session.execute(_FREED, {"first": first, "second": second}).one()
    return Freed(int(row.freed or 0), int(row.again or 0))


def oversold(core: Core) -> int:
    """Count slots whose pool counts more, or other, places than its appointments and tickets hold; 0 is right."""
    with core.sessions() as session:
        return count_oversold(session) + count_unbalanced(session)


_PLACES_OF: Final = """
    SELECT places.slot_id, places.pool, sum(places.places) AS units
    FROM appointment_places places JOIN appointment ON appointment.id = places.appointment_id
    JOIN draw ON draw.id = appointment.draw_id
    WHERE draw.reference = {draw} AND appointment.state IN {states}
    GROUP BY places.slot_id, places.pool
"""
_FREED: Final = text(
    f"""
    WITH freed AS ({_PLACES_OF.format(draw=":first", states="('cancelled', 'lapsed')")}),
         again AS ({_PLACES_OF.format(draw=":second", states="('offered', 'confirmed')")})
    SELECT sum(freed.units) AS freed, sum(least(freed.units, again.units)) AS again
    FROM freed LEFT JOIN again USING (slot_id, pool)
    """  # noqa: S608 - made of the constants above
)
