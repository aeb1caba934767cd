"""Why not everyone can be placed: the smallest set of parties found that asks for more than there is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocation.timetabling.day import Feature, OfficeDay
from allocation.timetabling.exact import runs
from allocation.timetabling.goals import can_all_be_placed
from allocation.timetabling.pack_day import question
from allocation.timetabling.rooms import suitable

_CHECKS = 50
"""Into how many proofs the work is divided."""


@dataclass(frozen=True)
class Conflict:
    """Parties, by row, that cannot all be served from unit ``begins`` to ``until``.

    By counting: at the counters that suit one of ``needs`` they want ``wanted`` services of ``piece`` units, and there
    is room for ``open``. Where counting shows nothing both are None: it is the touching units that cannot be had, and
    every party is part of the reason.
    """

    parties: Sequence[int]
    begins: int
    until: int
    needs: Sequence[int]
    piece: int
    wanted: int | None
    open: int | None

    def words(self, day: OfficeDay) -> str:
        """Return the conflict as a sentence with times of day."""
        between = f"between {day.clock(self.begins)} and {day.clock(self.until)}"
        if self.wanted is None:
            rows = ", ".join(map(str, self.parties))
            who = (
                f"the parties in rows {rows} cannot all" if len(self.parties) > 1 else f"the party in row {rows} cannot"
            )
            return f"{who} be served {between} without a gap in a visit"
        what = "units" if self.piece == 1 else f"services of {self.piece * day.unit_minutes} minutes"
        number = len(self.parties)
        who = "1 party needs" if number == 1 else f"{number} parties need"
        return f"{who} {_counter(self.needs)} {between}: {self.wanted} {what} wanted, {self.open} open"


def conflict(day: OfficeDay, *, proven: bool, work: float) -> Conflict | None:
    """Return a smallest conflict, or None where none was found. ``proven``: that not everyone can be placed."""
    found = _counted(day)
    return found if found is not None or not proven else _smallest(day, work)


def _counted(day: OfficeDay) -> Conflict | None:
    """Hall's condition over time: find a window in which some people want more than their counters have in all.

    A service of w units holds ⌊w / piece⌋ pieces, each in one run of a counter, and a run of r units ⌊r / piece⌋.
    """
    needs = sorted(set(day.person_needs.tolist()))
    begins, until = day.party_from[day.person_party], day.party_until[day.person_party]
    worst: list[tuple[int, int, Conflict]] = []
    for some, counters in suitable(day.counter_offers, needs):
        asks = np.isin(day.person_needs, list(some))
        there = runs(day.open[counters], day.counter_offers[counters])
        for piece in [*np.unique(day.person_units[asks]).tolist(), 1]:
            pieces = np.where(asks, day.person_units // piece, 0)
            for first in np.unique(begins).tolist():
                for last in np.unique(until[until > first]).tolist():
                    inside = (pieces > 0) & (begins >= first) & (until <= last)
                    wanted = int(pieces[inside].sum())
                    room = sum(
                        number * (max(min(end, last) - max(start, first), 0) // piece)
                        for (start, end, _), number in there.items()
                    )
                    if wanted > room:
                        parties = np.unique(day.person_party[inside]).tolist()
                        found = Conflict(parties, first, last, sorted(some), piece, wanted, room)
                        worst.append((len(parties), last - first, found))
    return min(worst, key=lambda one: one[:2])[2] if worst else None


def _smallest(day: OfficeDay, work: float) -> Conflict | None:
    """Take the narrowest windows until they do not fit; then drop parties that are not part of the reason."""
    width = day.party_until - day.party_from
    line = np.argsort(width, kind="stable").tolist()

    def fit(parties: Sequence[int]) -> bool:
        return can_all_be_placed(question(day, parties), work=work / _CHECKS) is not False

    low, high = 0, len(line)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fit(line[:middle]) else (low, middle)
    kept = line[:high]
    if fit(kept):
        return None
    for party in list(kept):
        fewer = [other for other in kept if other != party]
        if not fit(fewer):
            kept = fewer
    window = int(day.party_from[kept].min()), int(day.party_until[kept].max())
    needs = sorted({day.kinds[person][1] for party in kept for person in day.members[party]})
    return Conflict(sorted(kept), *window, needs, 1, None, None)


def _counter(needs: Sequence[int]) -> str:
    """Return the counters that suit one of these needs."""
    names = {
        0: "a counter",
        int(Feature.ACCESSIBLE): "an accessible counter",
        int(Feature.ENROLMENT): "an enrolment desk",
        int(Feature.ACCESSIBLE | Feature.ENROLMENT): "an accessible enrolment desk",
    }
    least = [need for need in needs if not any(other != need and not other & ~need for other in needs)]
    return " or ".join(names[need] for need in least)
