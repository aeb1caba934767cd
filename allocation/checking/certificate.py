"""What is published beside a plan, so that others can check how good it is.

What prices of whole requests by size prove, by weak duality, with plain numpy and without the solver.

Where larger requests alone compete for a few places, prices of single units prove little: a bin of ten places holds one
party of six, not one and two thirds. A plan may therefore state what each bin asks of each size more, or less, than the
price of so many units. How that is found is of no concern here: any such prices prove a bound.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.checking.proof import (
    TIGHTENED_PLACES,
    asked_by_size,
    blocks,
    exact_sum,
    line_weights,
    price_bound,
    usable_of,
)
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem

_NOWHERE = np.iinfo(np.int64).max
_MOST = 1 << 61


def flaw(problem: Problem, prices: NDArray[np.int64], by_size: NDArray[np.int64]) -> str:
    """Say what is wrong with prices by size; nothing where they can prove a bound.

    Parameters
    ----------
    problem
        n requests of k different sizes, m bins.
    prices
        int64 (m,), of one unit in each bin, from 0 to the highest weight of a unit.
    by_size
        int64 (m · k,), what a request of each size, rising, pays besides in each bin; or none at all.
    """
    if not by_size.size:
        return ""
    sizes = np.unique(problem.units)
    if by_size.size != problem.bins * sizes.size:
        return f"there are {by_size.size} prices by size for {problem.bins} bins and {sizes.size} sizes"
    highest = sizes * line_weights(problem).max(initial=0)
    if np.any((by_size < -_MOST) | (by_size > _MOST)):
        return "a price by size leaves 64 bits"
    price = _table(prices, sizes, by_size)
    outside = np.flatnonzero(((price < 0) | (price > highest)).any(axis=1))
    if outside.size:
        return f"a price by size of bin {outside[0]} is below 0 or above what a request of this size can weigh"
    large = np.flatnonzero(by_size.reshape(price.shape).any(axis=1) & (problem.places > TIGHTENED_PLACES))
    return f"bin {large[0]} is too large for prices by size" if large.size else ""


def proven_bound(problem: Problem, prices: NDArray[np.int64], by_size: NDArray[np.int64]) -> int:
    """Return what no plan is worth more than, at prices without a `flaw`.

    Notes
    -----
    With the value v of each request and its price p_b in bin b, v = p_b + (v − p_b). Over those in one bin the first
    parts add up to at most the dearest set of sizes that fits into it, of at most so many of each size as ask for the
    bin. The second is at most what the request gains in the cheapest bin that is large enough for it.
    """
    if not by_size.size:
        return price_bound(problem, prices)
    sizes, kind = np.unique(problem.units, return_inverse=True)
    price = _table(prices, sizes, by_size)
    lowest = np.full(problem.requests, _NOWHERE)
    for block in blocks(problem):
        column = problem.pair_bin[block.pairs]
        here = price[column, block.spread(kind)]
        here[block.spread(problem.units) > problem.places[column]] = _NOWHERE
        lowest[block.rows] = block.reduce(np.minimum, here, _NOWHERE)
    gain = exact_sum(np.maximum(problem.units * line_weights(problem) - lowest, 0))
    asked = asked_by_size(problem, sizes, kind)
    linear = ~by_size.reshape(price.shape).any(axis=1)
    usable = usable_of(problem, sizes, asked)[linear]
    worth = sum(places * one for places, one in zip(usable.tolist(), prices[linear].tolist(), strict=True))
    for each in np.flatnonzero(~linear).tolist():
        worth += _dearest(int(problem.places[each]), sizes, price[each], asked[each])
    return int(worth) + gain


def _table(prices: NDArray[np.int64], sizes: NDArray[np.int16], by_size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Price of a request of each size in each bin, int64 (m, k)."""
    return prices[:, None] * sizes.astype(np.int64) + by_size.reshape(prices.size, sizes.size)


def _dearest(places: int, sizes: NDArray[np.int16], price: NDArray[np.int64], asked: NDArray[np.int64]) -> int:
    """Return what the dearest set that fits is worth, of at most so many of each size."""
    best = np.zeros(places + 1, np.int64)  # at most so many units
    for size, each, count in zip(sizes.tolist(), price.tolist(), asked.tolist(), strict=True):
        left, many = min(count, places // size), 1
        while left:
            many = min(many, left)
            taken = best[: places + 1 - many * size] + many * each
            best[many * size :] = np.maximum(best[many * size :], taken)
            left -= many
            many *= 2
    return int(best[-1])


OPEN: Final = "mawid-certificate-2"
HIDDEN: Final = "mawid-certificate-3"
"""The formats of a certificate with the hashes of problem and plan, and of one without."""
HASHES: Final = ("problem_sha256", "plan_sha256")


@dataclass(frozen=True, eq=False)
class Certificate:
    """Ties a problem, a plan and a proof of its quality together.

    ``mechanism``, ``status``, ``objective`` and ``plan_bound`` repeat what the plan states; ``prices``: int64 (m,),
    of one unit in each bin; ``by_size``: int64, what each bin asks of each size besides, see
    `checking.certificate`, or empty; ``bound``: what they prove by weak duality, never below the objective of
    any plan (the plan's own bound may be better, where the solver knew more than prices can prove); ``versions``: of
    the software that made the plan, for information. The hashes of problem and plan are None where these are hidden:
    whoever guessed them would see that they guessed right.
    """

    problem_sha256: str | None
    plan_sha256: str | None
    mechanism: Mechanism
    status: Status
    objective: int
    plan_bound: int
    bound: int
    prices: NDArray[np.int64]
    by_size: NDArray[np.int64]
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict, for publication."""
        prices = {"prices": self.prices}
        if self.by_size.size:
            prices["by_size"] = self.by_size
        hashes = {} if self.plan_sha256 is None else {name: getattr(self, name) for name in HASHES}
        return {
            "format": OPEN if hashes else HIDDEN,
            **hashes,
            "mechanism": self.mechanism.value,
            "status": self.status.value,
            "objective": self.objective,
            "plan_bound": self.plan_bound,
            "bound": self.bound,
            "versions": dict(self.versions),
            "columns": columns.packed(prices),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; ValueError where it is damaged."""
        if data.get("format") not in (OPEN, HIDDEN):
            raise ValueError(f"format: expected {OPEN} or {HIDDEN}, found {data.get('format')!r}")
        try:
            prices = {"by_size": np.empty(0, np.int64)} | columns.unpacked(data["columns"])
            return cls(
                problem_sha256=str(data["problem_sha256"]) if data["format"] == OPEN else None,
                plan_sha256=str(data["plan_sha256"]) if data["format"] == OPEN else None,
                mechanism=Mechanism(data["mechanism"]),
                status=Status(data["status"]),
                objective=int(data["objective"]),
                plan_bound=int(data["plan_bound"]),
                bound=int(data["bound"]),
                prices=columns.integers("prices", prices["prices"], np.int64),
                by_size=columns.integers("by_size", prices["by_size"], np.int64),
                versions={str(name): str(value) for name, value in data["versions"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"certificate: missing or damaged {error}") from error


def certify(problem: Problem, plan: Plan, *, hidden: bool = False) -> Certificate:
    """Write the certificate of a plan that was made for this problem; one without hashes where both are hidden."""
    return Certificate(
        problem_sha256=None if hidden else problem.digest.hex(),
        plan_sha256=None if hidden else plan.digest.hex(),
        mechanism=plan.mechanism,
        status=plan.status,
        objective=plan.objective,
        plan_bound=plan.bound,
        bound=proven_bound(problem, plan.prices, plan.by_size),
        prices=plan.prices,
        by_size=plan.by_size,
        versions={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "ortools": version("ortools"),
            "mawid": version("mawid"),
        },
    )
