"""What a draw is summed up by: for everyone to compute again from its files, so that no group is left out unseen."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Mechanism
from allocation.plan import gap, gap_people
from booking.scheduling.draws.asked import Asked, Coded
from booking.scheduling.draws.csv_tables import hidden
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.wishes import together_figures

OPEN: Final = "mawid-report-1"
CLOSED: Final = "mawid-report-2"
"""The formats of the report of a draw of format 1, whose requests everyone reads, and of format 2."""
FEWEST: Final = 5
"""Requests that are counted together, wherever everyone can read of them."""
FEWER: Final = "fewer"
"""The values of a trait that too few requests have, counted together."""
GROUPS: Final[Mapping[str, Callable[[Asked], Coded[str]]]] = {
    "service": lambda asked: asked.service,
    "party": lambda asked: _numbers(asked.party),
    "door": lambda asked: asked.door,
    "priority": lambda asked: _numbers(asked.line.priority),
    "accessible": lambda asked: Coded(asked.accessible.astype(np.int32), ("no", "yes")),
}
"""By what chances are compared."""

_DIGITS: Final = 4


def figures(frozen: Frozen, bin_of_leaf: NDArray[np.integer], totals: Mapping[str, Any]) -> dict[str, Any]:
    """Sum a draw up in JSON values, from nothing but what is published.

    Parameters
    ----------
    frozen
        Requests and free places.
    bin_of_leaf
        Bin of each request as plan.csv has it, -1 where it has no place; (n,).
    totals
        ``mechanism``, ``status``, ``objective`` and ``bound`` as certificate.json states them.

    Returns
    -------
    dict
        ``format``, ``reference``, ``mechanism``, ``status``, ``objective``, ``bound``; ``asked_requests``,
        ``asked_people``, ``served_requests``, ``served_people``; ``first_choice`` (requests served in their first
        office) and ``first_choice_share`` of those served; ``places`` (units offered), ``used`` (units given);
        ``gap`` (distance to the best plan, a share) and ``gap_people``, both None where nothing is claimed;
        ``half_served_by`` (day by which half of the requests served come, None where nobody is);
        ``deadlines`` (counts of the requests with a needed-by date inside the draw's days: all who are served are
        served in time); ``together`` where households wished to come together (`visits.together_figures`);
        ``groups``: counts for each of `GROUPS` and each value. Counts are ``asked`` and ``served`` requests,
        ``asked_people`` and ``served_people``, and the ``share`` of requests served.

    Notes
    -----
    In a draw of format 2, nothing is said of fewer than `FEWEST` requests: values that too few have are counted
    together as `FEWER`, ``first_choice``, ``half_served_by`` and ``deadlines`` are None, and ``together`` is left out.
    """
    asked, bins = frozen.asked, frozen.bins
    served = bin_of_leaf >= 0
    due = asked.needed_by <= np.datetime64(frozen.last_day)
    by_due = _counted(asked, served, due.astype(np.int8), 2)
    everyone = _counts(by_due.sum(1))
    given = [bins[number] for number in bin_of_leaf[served].tolist()]
    days = sorted(each.day for each in given)
    least = FEWEST if hidden(frozen.facts) else 1
    told = least == 1 or len(given) >= least
    first_offices = asked.offices.of(codes[0] for codes in asked.offices.labels)[served].tolist()
    first_choice = sum(first == each.office for first, each in zip(first_offices, given, strict=True))
    return {
        "format": OPEN if least == 1 else CLOSED,
        "reference": frozen.facts.get("reference"),
        **{name: totals[name] for name in ("mechanism", "status", "objective", "bound")},
        **_gap(totals, everyone["served_people"]),
        "asked_requests": everyone["asked"],
        "asked_people": everyone["asked_people"],
        "served_requests": everyone["served"],
        "served_people": everyone["served_people"],
        "first_choice": first_choice if told else None,
        "first_choice_share": _share(first_choice, everyone["served"]) if told else None,
        "places": sum(each.places for each in bins),
        "used": int(asked.units[served].sum(dtype=np.int64)),
        "half_served_by": days[(len(days) - 1) // 2].isoformat() if len(days) >= least else None,
        "deadlines": None if 0 < int(due.sum()) < least else _counts(by_due[:, 1]),
        **together_figures(frozen, bin_of_leaf, least=least),
        "groups": {name: _by_value(of(asked), asked, served, least) for name, of in GROUPS.items()},
    }


def _gap(totals: Mapping[str, Any], served_people: int) -> dict[str, float | None]:
    """Return how far away the best plan can be, also in people of the average weight of those served."""
    objective, bound = int(totals["objective"]), int(totals["bound"])
    if totals["mechanism"] != Mechanism.EXCHANGE:
        return {"gap": None, "gap_people": None}
    return {
        "gap": gap(objective, bound),
        "gap_people": gap_people(objective, bound, served_people),
    }


def _numbers(column: NDArray[np.integer]) -> Coded[str]:
    labels, codes = np.unique(column, return_inverse=True)
    return Coded(codes.astype(np.int32), [str(label) for label in labels.tolist()])


def _by_value(values: Coded[str], asked: Asked, served: NDArray[np.bool_], least: int) -> dict[str, dict[str, Any]]:
    counted = _counted(asked, served, values.codes, len(values.labels))
    many = counted[0].tolist()
    named = _with_fewer({label: (many[code], [code]) for code, label in enumerate(values.labels) if many[code]}, least)
    return {label: _counts(counted[:, codes].sum(1)) for label, codes in sorted(named.items())}


def _with_fewer(rows: Mapping[str, tuple[int, list[int]]], least: int) -> dict[str, list[int]]:
    """Put the values together that too few have, and the smallest of the others until they are enough.

    ``rows``: for each value, how many have it, and its code; returned are the codes.
    """
    kept = sorted(rows, key=lambda value: (-rows[value][0], value))
    few: list[str] = []
    while kept and (rows[kept[-1]][0] < least or 0 < sum(rows[value][0] for value in few) < least):
        few.append(kept.pop())
    together = {FEWER: [code for value in few for code in rows[value][1]]} if few else {}
    return {value: rows[value][1] for value in kept} | together


def _counted(asked: Asked, served: NDArray[np.bool_], codes: NDArray[np.integer], labels: int) -> NDArray[np.float64]:
    """Count requests asked, people asked, requests served and people served by a code; (4, labels), exact."""
    weights = np.ones(served.size), asked.party, served, asked.party * served
    return np.stack([np.bincount(codes, weight, labels) for weight in weights])


def _counts(counted: NDArray[np.float64]) -> dict[str, Any]:
    asked, asked_people, served, served_people = counted.astype(np.int64).tolist()
    return {
        "asked": asked,
        "asked_people": asked_people,
        "served": served,
        "served_people": served_people,
        "share": _share(served, asked),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
