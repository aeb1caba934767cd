"""Check a plan against its problem with plain numpy, without the solver and without its weights.

Everything here is computed again from the published columns. The rules are written a second time on purpose:
a mistake in the solver must not hide in its own check.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocation.certificate import Certificate
from allocation.plan import Plan, Status
from allocation.problem import Problem
from allocation.reach import ROOM, last_displaced

TIGHTENED_PLACES = 4096


@dataclass(frozen=True)
class Check:
    """One question, its answer, and what was found, in words."""

    name: str
    ok: bool
    finding: str


@dataclass(frozen=True)
class Verification:
    """All checks of one plan."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)

    def words(self) -> str:
        """Say what was checked and found, a line each."""
        return "\n".join(f"{'passed' if check.ok else 'FAILED'}: {check.finding}" for check in self.checks)


def verify(problem: Problem, plan: Plan, certificate: Certificate | None = None) -> Verification:
    """Check that a plan is feasible, fair, and as good as it says.

    Parameters
    ----------
    problem, plan
        As published.
    certificate
        As published; without one, the plan's own prices and bound are checked.

    Returns
    -------
    Verification
        The checks in order. Where the plan is not feasible, the later ones are left out.
    """
    checks = [_shape(problem, plan)]
    if checks[0].ok:
        checks += [_acceptable(problem, plan), _capacity(problem, plan)]
    if all(check.ok for check in checks):
        checks += [_totals(problem, plan), _nobody_passed_over(problem, plan), _no_room_left(problem, plan)]
        prices = plan.prices if certificate is None else certificate.prices
        checks += [_bound(problem, plan, prices, None if certificate is None else certificate.bound)]
    if certificate is not None:
        checks += [_belongs(problem, plan, certificate)]
    return Verification(tuple(checks))


def line_weights(problem: Problem) -> NDArray[np.int64]:
    """Weight of one unit of each request, int64 (n,), by the rule in ``docs/allocation.md``."""
    n, largest = problem.requests, int(problem.units.max(initial=1))
    behind = n - 1 - problem.order.astype(np.int64)
    tiers = np.unique(problem.tier) if largest > 1 else np.zeros(1, np.int16)
    factor = Fraction(2 * largest + 1)
    while factor > 1 and int(n * factor ** (len(tiers) - 1)) + n > 2**38:
        factor -= Fraction(1, 4)
    power = [int(n * factor**level) for level in range(len(tiers))]
    level = np.searchsorted(tiers, problem.tier) if largest > 1 else np.zeros(n, np.int64)
    return (np.array(power, np.int64)[level] + behind) * problem.compensation // 1000


def usable_places(problem: Problem) -> NDArray[np.int64]:
    """Largest number of units that whole requests can fill in each bin, int64 (m,).

    A bin of three places that only parties of two ask for can never hold more than two units.
    """
    units = problem.units[problem.pair_request].astype(np.int64)
    fits = units <= problem.places[problem.pair_bin]
    asked: list[list[int]] = [[] for _ in range(problem.bins)]
    for column, size in zip(problem.pair_bin[fits].tolist(), units[fits].tolist(), strict=True):
        asked[column].append(size)
    usable = problem.places.astype(np.int64)
    for column, sizes in enumerate(asked):
        places = int(usable[column])
        if sum(sizes) <= places:
            usable[column] = sum(sizes)
        elif sizes.count(1) < max(sizes) - 1 and places <= TIGHTENED_PLACES:
            sums = 1  # bit s is set where some of the requests so far take s units together
            for size in sizes:
                sums |= sums << size
                sums &= (2 << places) - 1
            usable[column] = sums.bit_length() - 1
    return usable


def _shape(problem: Problem, plan: Plan) -> Check:
    bins = plan.bin_of_request
    if bins.shape != (problem.requests,) or bins.dtype.kind != "i":
        return Check("shape", ok=False, finding=f"the plan has {bins.shape} rows for {problem.requests} requests")
    outside = np.flatnonzero((bins < -1) | (bins >= problem.bins))
    if outside.size:
        return Check(
            "shape", ok=False, finding=f"request {outside[0]} is in bin {bins[outside[0]]}, which is not there"
        )
    return Check("shape", ok=True, finding=f"the plan answers each of {problem.requests} requests once")


def _acceptable(problem: Problem, plan: Plan) -> Check:
    accepted = np.zeros(problem.requests, np.bool_)
    accepted[problem.pair_request[plan.bin_of_request[problem.pair_request] == problem.pair_bin]] = True
    wrong = np.flatnonzero((plan.bin_of_request >= 0) & ~accepted)
    if wrong.size:
        return Check("acceptable", ok=False, finding=f"request {wrong[0]} is in a bin it did not ask for")
    return Check(
        "acceptable", ok=True, finding="everyone served is where they asked to be, each party whole in one bin"
    )


def _capacity(problem: Problem, plan: Plan) -> Check:
    served = plan.bin_of_request >= 0
    used = np.zeros(problem.bins, np.int64)
    np.add.at(used, plan.bin_of_request[served], problem.units[served])
    over = np.flatnonzero(used > problem.places)
    if over.size:
        worst = int(over[0])
        finding = f"bin {worst} holds {used[worst]} units in {problem.places[worst]} places"
        return Check("capacity", ok=False, finding=finding)
    total = int(problem.places.sum(dtype=np.int64))
    return Check("capacity", ok=True, finding=f"no bin is over its places; {used.sum()} of {total} units are used")


def _totals(problem: Problem, plan: Plan) -> Check:
    served = plan.bin_of_request >= 0
    found = {
        "served_requests": int(served.sum()),
        "served_people": int(problem.party[served].sum(dtype=np.int64)),
        "served_units": int(problem.units[served].sum(dtype=np.int64)),
        "objective": _objective(problem, plan),
    }
    for name, value in found.items():
        if getattr(plan, name) != value:
            return Check("totals", ok=False, finding=f"{name} is {value}, the plan says {getattr(plan, name)}")
    return Check("totals", ok=True, finding=f"{found['served_people']} people of {int(problem.party.sum())} are served")


def _nobody_passed_over(problem: Problem, plan: Plan) -> Check:
    """No justified envy among requests of one unit, by reachability over the bins."""
    reach = last_displaced(problem, plan.bin_of_request)
    waiting = (plan.bin_of_request < 0) & (problem.units == 1)
    envies = waiting[problem.pair_request] & (reach[problem.pair_bin] > problem.order[problem.pair_request])
    pair = np.flatnonzero(envies)
    if pair.size:
        request, column = int(problem.pair_request[pair[0]]), int(problem.pair_bin[pair[0]])
        if reach[column] == ROOM:
            finding = f"request {request} is not served although bin {column} can make room without loss"
        else:
            finding = f"request {request} is not served although it stands ahead of position {reach[column]}"
        return Check("fairness", ok=False, finding=finding)
    finding = f"none of {int(waiting.sum())} unserved single requests could replace someone behind it in line"
    return Check("fairness", ok=True, finding=finding)


def _no_room_left(problem: Problem, plan: Plan) -> Check:
    served = plan.bin_of_request >= 0
    room = problem.places.astype(np.int64)
    np.subtract.at(room, plan.bin_of_request[served], problem.units[served])
    fits = ~served[problem.pair_request] & (problem.units[problem.pair_request] <= room[problem.pair_bin])
    pair = np.flatnonzero(fits)
    if pair.size:
        request, column = int(problem.pair_request[pair[0]]), int(problem.pair_bin[pair[0]])
        return Check("room", ok=False, finding=f"request {request} is not served although it fits into bin {column}")
    return Check("room", ok=True, finding="no unserved request fits into the room that is left in a bin it asked for")


def _bound(problem: Problem, plan: Plan, prices: NDArray[np.int64], stated: int | None) -> Check:
    """Weak duality: at any non-negative prices, no plan is worth more than the places plus the gains."""
    weight = line_weights(problem)
    if prices.shape != (problem.bins,) or prices.dtype.kind != "i":
        return Check("bound", ok=False, finding="the prices are not one integer for each bin")
    outside = np.flatnonzero((prices < 0) | (prices > weight.max(initial=0)))
    if outside.size:
        finding = f"the price of bin {outside[0]} is {prices[outside[0]]}, below 0 or above every request's weight"
        return Check("bound", ok=False, finding=finding)
    gain = np.zeros(problem.requests, np.int64)
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    request, column = problem.pair_request[fits], problem.pair_bin[fits]
    np.maximum.at(gain, request, weight[request] - prices[column])
    proven = sum(map(int, usable_places(problem) * prices)) + sum(map(int, problem.units * gain))
    objective = _objective(problem, plan)
    wrong = ""
    if stated is not None and stated != proven:
        wrong = f"the prices prove {proven}, the certificate says {stated}"
    elif not objective <= plan.bound <= proven:
        wrong = f"the plan's bound {plan.bound} is not between {objective} and {proven}"
    elif plan.status is Status.OPTIMAL and plan.bound != objective:
        wrong = "the plan says it is optimal and its bound says it is not"
    elif int(problem.units.max(initial=1)) == 1 and proven != objective:
        wrong = f"single requests have an exact plan, {proven - objective} is missing"
    share = (proven - objective) / proven if proven else 0.0
    right = f"no plan is better by more than {share:.4%}, proven by the prices of the bins"
    return Check("bound", ok=not wrong, finding=wrong or right)


def _belongs(problem: Problem, plan: Plan, certificate: Certificate) -> Check:
    if certificate.problem_sha256 != problem.digest.hex():
        return Check("certificate", ok=False, finding="the certificate belongs to another problem")
    if certificate.plan_sha256 != plan.digest.hex():
        return Check("certificate", ok=False, finding="the certificate belongs to another plan")
    if certificate.objective != plan.objective:
        return Check("certificate", ok=False, finding="the certificate states another objective than the plan")
    return Check("certificate", ok=True, finding="the certificate belongs to this problem and this plan")


def _objective(problem: Problem, plan: Plan) -> int:
    served = plan.bin_of_request >= 0
    return sum(map(int, (problem.units * line_weights(problem))[served]))
