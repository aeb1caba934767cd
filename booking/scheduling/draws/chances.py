"""How likely an appointment is at each office: what a draw showed, and what the last draws say together."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from allocation.explaining.nearest import NOWHERE, Places, Wished, nearest
from allocation.explaining.odds import odds
from allocation.explaining.rivals import people_ahead
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models import Draw, DrawChance, Office, OfficeChance
from booking.platform.models.states import DrawState, Pool
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.decision import Decision
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.format2.tables import SAYING_WHAT_LASTS
from booking.scheduling.draws.problem import fitting
from fraud.scoring.evaluate import interval

ANY: Final = "any"
DRAWS: Final = 6
"""Published draws that are looked back on."""
LEAST: Final = 30
"""Newcomers who named an office in these draws; of fewer nothing is said."""
STEP: Final = 5
"""Per cent to which chances are rounded, outwards: nobody can tell from two draws what one request was given."""
_USUAL_SPREAD: Final = 4.0
"""How much more draws differ than chance alone makes them, until they have shown it themselves."""
_USUAL_WORTH: Final = 2
"""The draws that `_USUAL_SPREAD` counts for."""


def record_chances(session: Session, draw: Draw, decision: Decision) -> None:
    """Write what a draw showed of each of its offices, beside its result."""
    shares = _shares(decision)
    named = decision.frozen.asked.offices
    newcomers = np.bincount(named.codes[decision.frozen.asked.line.priority == 0], minlength=len(named.labels))
    asked: Counter[str] = Counter()
    for offices_named, many in zip(named.labels, newcomers.tolist(), strict=True):
        asked.update(dict.fromkeys(offices_named, many))
    offices = session.execute(select(Office.id, Office.code).where(Office.code.in_(shares)))
    rows = [
        {"draw_id": draw.id, "office_id": office_id, "asked": asked[code], "shares": shares[code]}
        for office_id, code in offices
    ]
    if rows:
        session.execute(insert(DrawChance), rows)


def renew_chances(session: Session) -> None:
    """Make anew what everyone reads, from the last published draws; two at once do it one after the other."""
    session.execute(text("LOCK TABLE office_chance IN EXCLUSIVE MODE"))
    last = select(Draw.id).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(DRAWS)
    seen: dict[int, list[DrawChance]] = defaultdict(list)
    for row in session.scalars(select(DrawChance).where(DrawChance.draw_id.in_(last))):
        seen[row.office_id].append(row)
    session.execute(delete(OfficeChance))
    session.add_all(
        OfficeChance(office_id=office_id, draws=len(rows), chances=chances)
        for office_id, rows in seen.items()
        if (chances := _together(rows))
    )


def pooled(seen: Sequence[tuple[float, int]]) -> list[int] | None:
    """Return the lowest, likely and highest chance of the next draw in per cent; None where too little is known.

    Parameters
    ----------
    seen
        Of each draw the chance, and the newcomers who stood for it.

    Notes
    -----
    Wilson's interval, by as many requests as one more draw has and is told by those before it, after overdispersion
    (McCullagh and Nelder 1989, 4.5): Pearson's statistic says how much more the draws differ than one chance explains.
    One draw cannot show that, so a usual spread counts as much as two draws more. Where demand changes by a tenth from
    draw to draw, the range holds nine next draws of ten; a test counts it.
    """
    asked = sum(number for _, number in seen)
    if asked < LEAST:
        return None
    middle = sum(share * number for share, number in seen) / asked
    variance = middle * (1 - middle)
    differ = sum(number * (share - middle) ** 2 for share, number in seen) / variance if variance else 0.0
    spread = (differ + _USUAL_SPREAD * _USUAL_WORTH) / (len(seen) - 1 + _USUAL_WORTH)
    low, high = interval(middle, asked / (max(1.0, spread) * (len(seen) + 1)))
    steps = 100 / STEP
    return [STEP * floor(low * steps), STEP * round(middle * steps), STEP * ceil(high * steps)]


def _together(rows: Sequence[DrawChance]) -> dict[str, Any]:
    """Return the chances of an office by their keys; those of which too little is known are left out."""
    keys = sorted({key for row in rows for key in row.shares})
    every = {key: pooled([(row.shares[key], row.asked) for row in rows if key in row.shares]) for key in keys}
    return {key: chance for key, chance in every.items() if chance is not None}


def _shares(decision: Decision) -> dict[str, dict[str, float]]:
    """Return the chance that one more newcomer would have had, by office and by what they accept there."""
    problem = decision.problem
    alone = problem.units[problem.party == 1]
    usual = int(np.bincount(alone).argmax()) if alone.size else 1
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for each, chance in zip(decision.frozen.bins, odds(problem, decision.plan, units=usual).tolist(), strict=True):
        if each.pool is Pool.DRAW:
            known = found[each.office]
            for key in (ANY, f"day:{each.day.weekday()}", f"band:{each.band}"):
                known[key] = max(known.get(key, 0.0), round(chance, 4))
    return found


KM_OF_A_DAY: Final = 25
"""How far people would rather travel than come a day earlier or later than they wished; orders suggestions."""

_NEVER: Final = np.iinfo(np.int64).max
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_WEEKDAY: Final = 3
"""Of the days that numpy counts: 1970 began on a Thursday, and a week begins on Monday."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an office is, and the door that offers it."""

    latitude: float
    longitude: float
    door: str


@dataclass(frozen=True, eq=False)
class Explained:
    """Why each leaf was served or not, as columns.

    ``ahead``: int64 (n,), people ahead in line who asked for any of the same offices. ``suggestion``: int64 (n,), the
    bin that would have given a place to who was not served, in an office, on a day or at a time that they did not wish;
    `NOWHERE` where none would. ``fits``: bool (n,), False where no place of the draw fits the wish, whoever else asked:
    such a lost draw does not count for another wish.
    """

    bins: Sequence[Bin]
    served: NDArray[np.bool_]
    ahead: NDArray[np.int64]
    suggestion: NDArray[np.int64]
    fits: NDArray[np.bool_]

    def texts(self) -> Iterator[str]:
        """Yield what is kept of each leaf, as JSON in one line."""
        shown = [_text({"office": each.office, "day": each.day.isoformat()}) for each in self.bins]
        columns = (self.served, self.ahead, self.suggestion, self.fits)
        for served, ahead, number, fits in zip(*(column.tolist() for column in columns), strict=True):
            if served:
                yield f'{{"ahead": {ahead}}}'
                continue
            suggestion = "null" if number == NOWHERE else shown[number]
            yield f'{{"ahead": {ahead}, "suggestion": {suggestion}{"" if fits else _UNFIT}}}'


_UNFIT: Final = ', "fits": false'


def explain(decision: Decision, places: Mapping[str, Place]) -> Explained:
    """Explain each leaf's outcome; ``places`` are all offices by code."""
    asked, problem = decision.frozen.asked, decision.problem
    known = decision.frozen.facts.get("format") in SAYING_WHAT_LASTS  # before, every lost draw lasted
    bands = {band: number for number, band in enumerate(sorted({each.band for each in decision.frozen.bins}))}
    return Explained(
        bins=decision.frozen.bins,
        served=np.array([bool(seat) for seat in decision.seats], np.bool_),
        ahead=people_ahead(asked.offices.codes, asked.offices.labels, asked.party, problem.order),
        suggestion=nearest(
            problem,
            decision.plan,
            _wished(asked, places, bands),
            _places(decision.frozen.bins, places, bands),
            km_of_a_day=KM_OF_A_DAY,
        ),
        fits=fitting(problem) if known else np.ones(problem.requests, np.bool_),
    )


def _places(bins: Sequence[Bin], places: Mapping[str, Place], bands: Mapping[str, int]) -> Places:
    codes = {code: number for number, code in enumerate(places)}
    day = np.array([each.day.toordinal() for each in bins], np.int64) - _EPOCH
    kinds = _kinds(places)
    return Places(
        office=np.array([codes[each.office] for each in bins], np.int64),
        day=day,
        weekday=(day + _FIRST_WEEKDAY) % 7,
        band=np.array([bands[each.band] for each in bins], np.int64),
        kind=np.array(
            [
                (each.pool is not Pool.ACCESSIBLE) * kinds[places[each.office].door, False]
                | each.accessible * kinds[places[each.office].door, True]
                for each in bins
            ],
            np.int64,
        ),
        km=_distances(list(places.values())),
    )


def _wished(asked: Asked, places: Mapping[str, Place], bands: Mapping[str, int]) -> Wished:
    codes, kinds = {code: number for number, code in enumerate(places)}, _kinds(places)
    own = [[codes[code] for code in label if code in codes] for label in asked.offices.labels]
    masks = [sum(1 << bands[band] for band in label if band in bands) for label in asked.bands.labels]
    doors = np.array(
        [[kinds.get((door, access), 0) for access in (False, True)] for door in asked.door.labels], np.int64
    ).reshape(-1, 2)
    return Wished(
        kind=doors[asked.door.codes, asked.accessible.astype(np.int64)],
        first=asked.first_day.astype(np.int64),
        last=_days(asked.last_day),
        needed=_days(asked.needed_by),
        weekdays=asked.weekdays.astype(np.int64),
        bands=np.array(masks, np.int64)[asked.bands.codes],
        label=asked.offices.codes.astype(np.int64),
        starts=np.cumsum([0, *map(len, own)]),
        offices=np.array([office for each in own for office in each], np.int64),
    )


def _kinds(places: Mapping[str, Place]) -> dict[tuple[str, bool], int]:
    """Return the bit of each kind of request: its door, and whether it needs an accessible office."""
    doors = sorted({place.door for place in places.values()})
    return {
        kind: 1 << number for number, kind in enumerate((door, access) for door in doors for access in (False, True))
    }


def _days(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return np.where(np.isnat(days), _NEVER, days.astype(np.int64))


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values)


def _distances(places: Sequence[Place]) -> NDArray[np.float64]:
    """Kilometres between offices, (n, n)."""
    table = np.zeros((len(places), len(places)))
    for here, one in enumerate(places):
        for there, other in enumerate(places[:here]):
            table[here, there] = table[there, here] = great_circle_km(
                one.latitude, one.longitude, other.latitude, other.longitude
            )
    return table
