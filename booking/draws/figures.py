"""What a draw is summed up by: for everyone to compute again from its files, so that no group is left out unseen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Final

from allocation import Mechanism
from allocation.plan import gap, gap_people
from booking.draws.facts import hidden
from booking.draws.files import Frozen
from booking.draws.leaf import Leaf
from booking.draws.visits import together_figures

OPEN: Final = "mawid-report-1"
CLOSED: Final = "mawid-report-2"
"""The formats of the report of a draw of format 1, whose requests everyone reads, and of format 2."""
FEWEST: Final = 5
"""Requests that are counted together, wherever everyone can read of them."""
FEWER: Final = "fewer"
"""The values of a trait that too few requests have, counted together."""
GROUPS: Final[Mapping[str, Callable[[Leaf], str]]] = {
    "service": lambda leaf: leaf.wish.service,
    "party": lambda leaf: str(leaf.wish.party),
    "door": lambda leaf: leaf.wish.door,
    "priority": lambda leaf: str(leaf.priority),
    "accessible": lambda leaf: "yes" if leaf.wish.accessible else "no",
}
"""By what chances are compared."""

_DIGITS: Final = 4


def figures(frozen: Frozen, bin_of_leaf: Sequence[int], totals: Mapping[str, Any]) -> dict[str, Any]:
    """Sum a draw up in JSON values, from nothing but what is published.

    Parameters
    ----------
    frozen
        Requests and free places.
    bin_of_leaf
        Bin of each request as plan.csv has it, -1 where it has no place.
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
    leaves, bins = frozen.leaves, frozen.bins
    served = [number >= 0 for number in bin_of_leaf]
    everyone = _counts(leaves, served)
    given = [(leaf, bins[number]) for leaf, number in zip(leaves, bin_of_leaf, strict=True) if number >= 0]
    days = sorted(each.day for _, each in given)
    least = FEWEST if hidden(frozen.facts) else 1
    told = least == 1 or len(given) >= least
    first_choice = sum(leaf.wish.offices[0] == each.office for leaf, each in given)
    due = [leaf.wish.needed_by is not None and leaf.wish.needed_by <= frozen.last_day for leaf in leaves]
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
        "used": sum(leaf.wish.units for leaf, _ in given),
        "half_served_by": days[(len(days) - 1) // 2].isoformat() if len(days) >= least else None,
        "deadlines": None if 0 < sum(due) < least else _counts_of(compress(range(len(due)), due), leaves, served),
        **together_figures(frozen, bin_of_leaf, least=least),
        "groups": {name: _by_value(list(map(value, leaves)), leaves, served, least) for name, value in GROUPS.items()},
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


def _by_value(
    values: Sequence[str], leaves: Sequence[Leaf], served: Sequence[bool], least: int
) -> dict[str, dict[str, Any]]:
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        rows.setdefault(value, []).append(row)
    rows = _with_fewer(rows, least)
    return {value: _counts_of(members, leaves, served) for value, members in sorted(rows.items())}


def _with_fewer(rows: Mapping[str, list[int]], least: int) -> dict[str, list[int]]:
    """Put the values together that too few have, and the smallest of the others until they are enough."""
    kept = sorted(rows, key=lambda value: (-len(rows[value]), value))
    few: list[str] = []
    while kept and (len(rows[kept[-1]]) < least or 0 < sum(len(rows[value]) for value in few) < least):
        few.append(kept.pop())
    together = {FEWER: [row for value in few for row in rows[value]]} if few else {}
    return {value: rows[value] for value in kept} | together


def _counts_of(rows: Iterable[int], leaves: Sequence[Leaf], served: Sequence[bool]) -> dict[str, Any]:
    rows = list(rows)
    return _counts([leaves[row] for row in rows], [served[row] for row in rows])


def _counts(leaves: Sequence[Leaf], served: Sequence[bool]) -> dict[str, Any]:
    return {
        "asked": len(leaves),
        "asked_people": sum(leaf.wish.party for leaf in leaves),
        "served": sum(served),
        "served_people": sum(leaf.wish.party for leaf, one in zip(leaves, served, strict=True) if one),
        "share": _share(sum(served), len(leaves)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
