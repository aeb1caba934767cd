"""How likely an appointment is at each office: what a draw showed, and what the last draws say together."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil, floor
from typing import Any, Final

import numpy as np
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from allocation.explaining.odds import odds
from booking.platform.models import Draw, DrawChance, Office, OfficeChance
from booking.platform.models.states import DrawState, Pool
from booking.scheduling.draws.decision import Decision
from fraud.scoring.wilson import interval

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
