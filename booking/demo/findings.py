"""What happened, in figures: read from the database and from what each applicant met."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from booking.core import Core
from booking.demo.actor import Outcome
from booking.demo.people import Applicant, PlannedAsk
from booking.models import Draw, DrawEntry, Request, SlotPool

GATE_WORDS: Final = ("accept", "challenge", "review", "refuse")
STOPPED: Final = "stopped"
"""Attempts that never became a request: a limit, a live request of the same person, no account, no such person."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate said to one group's attempts, by word; answered codes of those challenged."""

    words: Mapping[str, int]
    stopped_by: Mapping[str, int]
    answered: int

    @property
    def asked(self) -> int:
        """All attempts."""
        return sum(self.words.values())


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw: its published figures, and who was served. ``deadlines``: met and asked within the horizon."""

    reference: str
    figures: Mapping[str, Any]
    seconds: float
    hoarders: tuple[int, int]
    hoarded_units: int
    deadlines: tuple[int, int]
    carried: tuple[int, int]


def judged(outcomes: Iterable[Outcome], applicants: Mapping[int, Applicant], *, hoards: bool) -> Judged:
    """Count the gate's verdicts on hoarders or on honest people."""
    words: Counter[str] = Counter()
    stopped: Counter[str] = Counter()
    answered = 0
    for outcome in outcomes:
        if applicants[outcome.applicant].kind.hoards is not hoards:
            continue
        if outcome.word in GATE_WORDS:
            words[outcome.word] += 1
        else:
            words[STOPPED] += 1
            stopped[outcome.word] += 1
        answered += bool(outcome.answered)
    return Judged(words, stopped, answered)


def drawn(core: Core, draw: Draw, seconds: float, asked: Mapping[str, tuple[Applicant, PlannedAsk]]) -> Drawn:
    """Sum up a published draw; ``asked`` knows the requests by reference."""
    with core.sessions() as session:
        entries = session.execute(
            select(Request.reference, DrawEntry.served, DrawEntry.priority)
            .join(DrawEntry, DrawEntry.request_id == Request.id)
            .where(DrawEntry.draw_id == draw.id)
        ).all()
    hoarders = [0, 0]
    deadlines = [0, 0]
    carried = [0, 0]
    units = 0
    for row in entries:
        known = asked.get(row.reference)
        if row.priority:
            carried[0] += row.served
            carried[1] += 1
        if known is None:
            continue
        applicant, ask = known
        if applicant.kind.hoards:
            hoarders[0] += row.served
            hoarders[1] += 1
            units += ask.units * row.served
        if ask.needed_by is not None and ask.needed_by <= draw.horizon_last:
            deadlines[0] += row.served
            deadlines[1] += 1
    return Drawn(
        draw.reference,
        draw.figures,
        seconds,
        (hoarders[0], hoarders[1]),
        units,
        (deadlines[0], deadlines[1]),
        (carried[0], carried[1]),
    )


def oversold(core: Core) -> int:
    """Count pools of slots with more places taken than there are, or than their appointments say; 0 is right."""
    with core.sessions() as session:
        return int(
            session.scalar(
                select(func.count())
                .select_from(SlotPool)
                .where((SlotPool.taken > SlotPool.places) | (SlotPool.taken < 0))
            )
            or 0
        )
