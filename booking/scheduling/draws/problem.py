"""From frozen requests and bins to the allocation problem."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Uuid
from sqlalchemy.orm import Session

from allocation import Problem, lottery
from allocation.building.build import build
from booking.platform.base.arrays import any_of
from booking.platform.models import Request
from booking.platform.models.states import Pool
from booking.scheduling.draws.asked import Asked, Coded, InLine
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.wishes import OfficeCodes, wish_of, wishes
from booking.scheduling.requests.receipt import Window

_ACCESSIBLE: Final = "accessible"
_EVERYONE: Final = None
_POOLS: Final = (
    (Pool.DRAW, _EVERYONE, 0),
    (Pool.DRAW, _ACCESSIBLE, 1),
    (Pool.ACCESSIBLE, _ACCESSIBLE, 0),
)
"""Which kind of request may use which pool, and at which cost."""


def line_order(line: InLine, seed: bytes, public: bytes) -> NDArray[np.int32]:
    """Position in line of each request: more lost draws first, then the person's lottery number.

    Requests of one person share the number; among them the receipt decides. ``public`` is what the seed is joined with
    in the key of the lottery (`booking.scheduling.draws.files.Frozen.joined`).
    """
    return lottery.line_order(line.priority, lottery.lottery_numbers(seed, public, line.person), line.draw_ids)


def build_problem(asked: Asked, bins: Sequence[Bin], order: NDArray[np.int32]) -> Problem:
    """Return the bins that each request accepts, and how gladly.

    A bin is acceptable where its office is one of the ranked ones, and its day (in the window, while papers hold, on a
    wished weekday, not after the needed-by date) and band too. Places of the accessible pool, and only offices that are
    accessible, are for requests that ask for accessibility. Rank is the office's; inside it an earlier day is
    better, then an earlier band, then (for those who may use it) the accessible pool. An office that suits on
    some days only, such as a branch on a visit home, is acceptable on these alone.
    """
    kinds = np.array([_EVERYONE, _ACCESSIBLE], object)
    named = dict.fromkeys((code for offices in asked.offices.labels for code in offices), False)
    problem = build(
        pd.DataFrame(
            {
                "party": asked.party,
                "units": asked.units,
                "first_day": asked.first_day,
                "last_day": asked.last_day,
                "needed_by": asked.needed_by,
                "weekdays": asked.weekdays,
                "bands": asked.bands.of(",".join(bands) for bands in asked.bands.labels),
                "kind": kinds[asked.accessible.astype(np.int8)],
                "accessible": asked.accessible,
                "tier": asked.line.priority,
                "position": order,
            }
        ),
        _wished_offices(asked.offices),
        capacity=pd.DataFrame(
            {
                "office": [each.office for each in bins],
                "day": np.array([each.day for each in bins], "datetime64[D]"),
                "band": [each.band for each in bins],
                "pool": [each.pool.value for each in bins],
                "start": [int(each.starts_at.timestamp()) // 60 for each in bins],
                "places": [each.places for each in bins],
            }
        ),
        offices=pd.DataFrame(
            (named | {each.office: each.accessible for each in bins}).items(), columns=["office", "accessible"]
        ),
        pools=pd.DataFrame(_POOLS, columns=["pool", "kind", "cost"]),
        strict=True,
    ).problem
    return _in_their_windows(problem, asked.windows, bins) if asked.windows else problem


def _wished_offices(offices: Coded[tuple[str, ...]]) -> pd.DataFrame:
    """Return a row for each office that a request names: request, office, rank."""
    many = np.array([len(codes) for codes in offices.labels], np.int64)
    starts = np.cumsum(many) - many
    count = many[offices.codes]
    request = np.repeat(np.arange(offices.codes.size), count)
    rank = np.arange(request.size) - np.repeat(np.cumsum(count) - count, count)
    codes = np.array([code for label in offices.labels for code in label], object)
    office = codes[np.repeat(starts[offices.codes], count) + rank]
    return pd.DataFrame({"request": request, "office": office, "rank": rank})


def fitting(problem: Problem) -> NDArray[np.bool_]:
    """Return for each request, (n,), whether it accepts a bin that is large enough for it, whoever else does."""
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    return np.bincount(problem.pair_request[fits], minlength=problem.requests).astype(np.bool_)


def _in_their_windows(problem: Problem, windows: Mapping[int, Sequence[Window]], bins: Sequence[Bin]) -> Problem:
    """Leave out the bins of offices that suit on some days only, such as on a visit home, on other days."""
    suits = np.ones(problem.pairs, np.bool_)
    for row, of_row in windows.items():
        days = {code: (first, last) for code, first, last in of_row}
        for pair in range(problem.first_pair[row], problem.first_pair[row + 1]):
            each = bins[int(problem.pair_bin[pair])]
            first, last = days.get(each.office, (each.day, each.day))
            suits[pair] = first <= each.day <= last
    pairs = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")
    return replace(problem, **{name: getattr(problem, name)[suits] for name in pairs})


def fitted(session: Session, requests: Iterable[UUID], bins: Sequence[Bin]) -> set[UUID]:
    """Return those of some requests whose wish at least one free run of places fits."""
    rows = session.execute(wishes(Request.id == any_of(requests, Uuid))).all()
    if not rows:
        return set()
    offices = OfficeCodes(session)
    leaves = [Leaf(wish_of(row, offices), row.receipt, b"", 0) for row in rows]
    fits = fitting(build_problem(Asked.of(leaves), bins, np.arange(len(leaves), dtype=np.int32)))
    return {row.id for row, one in zip(rows, fits.tolist(), strict=True) if one}
