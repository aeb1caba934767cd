"""Check a plan against its problem with plain numpy, without the solver and without its weights.

Everything here is computed again from the published columns. The rules are written a second time on purpose:
a mistake in the solver must not hide in its own check. Every check looks at each pair a fixed number of times.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocation.checking.certificate import Certificate, flaw, proven_bound
from allocation.checking.proof import blocks, exact_sum, line_weights, usable_places
from allocation.checking.reach import NOBODY, ROOM, first_missed, last_displaced
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem

__all__ = ["Check", "Verification", "line_weights", "usable_places", "verify"]


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
        """Return what was checked and found, a line each."""
        return "\n".join(f"{'passed' if check.ok else 'FAILED'}: {check.finding}" for check in self.checks)


def verify(problem: Problem, plan: Plan, certificate: Certificate | None = None) -> Verification:
    """Check that a plan is feasible, fair, and as good as it says.

    Parameters
    ----------
    problem, plan
        As published.
    certificate
        As published. It alone ties the plan to the problem: without one, the plan's own prices and bound are
        checked, and another plan that is just as good passes too.

    Returns
    -------
    Verification
        The checks in order. Where the plan is not feasible, those that need it to be are left out.

    Notes
    -----
    What is fair depends on ``Plan.mechanism``. ``EXCHANGE``: nobody of one unit who is not served could replace
    somebody behind them, directly or through a chain of moves, and the prices bound the gap; where compensation
    differs among requests of one unit, "behind" is of less weight, not later in line. ``IN_LINE``: each got
    the best bin that had room at their turn. ``FIRST_COME``: nothing, since the arrivals are not published.
    """
    checks = [_shape(problem, plan)]
    if checks[0].ok:
        checks += [_acceptable(problem, plan), _capacity(problem, plan)]
    if all(check.ok for check in checks):
        weight = line_weights(problem)
        checks += [_totals(problem, plan, weight)]
        if plan.mechanism is Mechanism.EXCHANGE:
            checks += [_nobody_passed_over(problem, plan, weight)]
        if plan.mechanism is Mechanism.IN_LINE:
            checks += [_each_in_turn(problem, plan)]
        checks += [_no_room_left(problem, plan), _bound(problem, plan, weight, certificate)]
    if certificate is not None:
        checks += [_belongs(problem, plan, certificate)]
    return Verification(tuple(checks))


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
    wrong = plan.bin_of_request >= 0
    for block in blocks(problem):
        own = problem.pair_bin[block.pairs] == block.spread(plan.bin_of_request)
        wrong[problem.pair_request[block.pairs][own]] = False
    if wrong.any():
        return Check("acceptable", ok=False, finding=f"request {np.argmax(wrong)} is in a bin it did not ask for")
    return Check(
        "acceptable", ok=True, finding="everyone served is where they asked to be, each party whole in one bin"
    )


def _capacity(problem: Problem, plan: Plan) -> Check:
    room = _room(problem, plan)
    over = np.flatnonzero(room < 0)
    if over.size:
        places = int(problem.places[over[0]])
        finding = f"bin {over[0]} holds {places - room[over[0]]} units in {places} places"
        return Check("capacity", ok=False, finding=finding)
    total = int(problem.places.sum(dtype=np.int64))
    finding = f"no bin is over its places; {total - room.sum()} of {total} units are used"
    return Check("capacity", ok=True, finding=finding)


def _totals(problem: Problem, plan: Plan, weight: NDArray[np.int64]) -> Check:
    served = plan.bin_of_request >= 0
    objective = _objective(problem, plan, weight)
    found = {
        "served_requests": int(served.sum()),
        "served_people": int(problem.party[served].sum(dtype=np.int64)),
        "served_units": int(problem.units[served].sum(dtype=np.int64)),
        "objective": objective,
    }
    if plan.mechanism is not Mechanism.EXCHANGE:
        found["bound"] = objective  # a plan made for comparison claims nothing beyond itself
    for name, value in found.items():
        if getattr(plan, name) != value:
            return Check("totals", ok=False, finding=f"{name} is {value}, the plan says {getattr(plan, name)}")
    people = int(problem.party.sum(dtype=np.int64))
    return Check("totals", ok=True, finding=f"{found['served_people']} people of {people} are served")


def _nobody_passed_over(problem: Problem, plan: Plan, weight: NDArray[np.int64]) -> Check:
    """No justified envy among requests of one unit, by reachability over the bins."""
    single = problem.units == 1
    standing, by = problem.order.astype(np.int64), "position"
    if np.unique(problem.compensation[single]).size > 1:
        # compensation may outweigh the line: then envy is justified where the exchange would weigh more
        standing, by = _heavier(weight, single), "weight number"
    reach = last_displaced(problem, plan.bin_of_request, standing)
    waiting = (plan.bin_of_request < 0) & single
    for block in blocks(problem):
        last = reach[problem.pair_bin[block.pairs]]
        envies = waiting[block.rows] & (block.reduce(np.maximum, last, NOBODY) > standing[block.rows])
        if envies.any():
            request = block.rows.start + int(np.argmax(envies))
            asked = problem.pair_bin[problem.first_pair[request] : problem.first_pair[request + 1]]
            column = int(asked[np.argmax(reach[asked])])
            finding = f"request {request} is not served although bin {column} can make room without loss"
            if reach[column] != ROOM:
                finding = f"request {request} is not served although it stands ahead of {by} {reach[column]}"
            return Check("fairness", ok=False, finding=finding)
    finding = f"none of {int(waiting.sum())} unserved single requests could replace someone behind it in line"
    return Check("fairness", ok=True, finding=finding)


def _each_in_turn(problem: Problem, plan: Plan) -> Check:
    missed = first_missed(problem, plan.bin_of_request)
    if missed is not None:
        finding = f"request {missed.request} did not get bin {missed.bin}, which had room at its turn and which it"
        return Check("turns", ok=False, finding=f"{finding} prefers")
    return Check("turns", ok=True, finding="each in turn got the best that was left, and nobody was moved afterwards")


def _no_room_left(problem: Problem, plan: Plan) -> Check:
    room = _room(problem, plan)
    # a request that is served needs nothing more: more than any bin has
    need = np.where(plan.bin_of_request < 0, problem.units.astype(np.int64), np.iinfo(np.int64).max)
    if need.min(initial=np.iinfo(np.int64).max) <= room.max(initial=0):
        for block in blocks(problem):
            column = problem.pair_bin[block.pairs]
            fits = block.spread(need) <= room[column]
            if fits.any():
                pair = int(np.argmax(fits))
                finding = f"request {problem.pair_request[block.pairs][pair]} is not served"
                return Check("room", ok=False, finding=f"{finding} although it fits into bin {column[pair]}")
    return Check("room", ok=True, finding="no unserved request fits into the room that is left in a bin it asked for")


def _bound(problem: Problem, plan: Plan, weight: NDArray[np.int64], certificate: Certificate | None) -> Check:
    """Weak duality: at any non-negative prices, no plan is worth more than the places plus the gains."""
    stated = plan if certificate is None else certificate
    prices, by_size = stated.prices, stated.by_size
    if prices.shape != (problem.bins,) or prices.dtype.kind != "i":
        return Check("bound", ok=False, finding="the prices are not one integer for each bin")
    outside = np.flatnonzero((prices < 0) | (prices > weight.max(initial=0)))
    if outside.size:
        finding = f"the price of bin {outside[0]} is {prices[outside[0]]}, below 0 or above every request's weight"
        return Check("bound", ok=False, finding=finding)
    if wrong := flaw(problem, prices, by_size):
        return Check("bound", ok=False, finding=wrong)
    proven, objective = proven_bound(problem, prices, by_size), _objective(problem, plan, weight)
    exchange = plan.mechanism is Mechanism.EXCHANGE
    if certificate is not None and certificate.bound != proven:
        wrong = f"the prices prove {proven}, the certificate says {certificate.bound}"
    elif exchange is (plan.status is Status.BASELINE):
        wrong = f"a plan of the mechanism {plan.mechanism} cannot be {plan.status}"
    elif not objective <= plan.bound <= proven:
        wrong = f"the plan's bound {plan.bound} is not between {objective} and {proven}"
    elif plan.status is Status.OPTIMAL and plan.bound != objective:
        wrong = "the plan says it is optimal and its bound says it is not"
    elif exchange and int(problem.units.max(initial=1)) == 1 and proven != objective:
        wrong = f"single requests have an exact plan, {proven - objective} is missing"
    share = (proven - objective) / proven if proven else 0.0
    right = f"no plan is better by more than {share:.4%}, proven by the prices of the bins"
    if exchange and plan.bound < proven:
        right += f"; that it is at most {plan.gap:.4%} is the word of whoever made the plan"
    return Check("bound", ok=not wrong, finding=wrong or right)


def _belongs(problem: Problem, plan: Plan, certificate: Certificate) -> Check:
    if certificate.problem_sha256 not in (None, problem.digest.hex()):
        return Check("certificate", ok=False, finding="the certificate belongs to another problem")
    if certificate.plan_sha256 not in (None, plan.digest.hex()):
        return Check("certificate", ok=False, finding="the certificate belongs to another plan")
    for name in ("mechanism", "status", "objective"):
        stated, found = getattr(certificate, name), getattr(plan, name)
        if stated != found:
            finding = f"the certificate states the {name} {stated}, the plan {found}"
            return Check("certificate", ok=False, finding=finding)
    if certificate.plan_bound != plan.bound:
        finding = f"the certificate states that the plan's bound is {certificate.plan_bound}, the plan {plan.bound}"
        return Check("certificate", ok=False, finding=finding)
    same = np.array_equal(certificate.prices, plan.prices) and np.array_equal(certificate.by_size, plan.by_size)
    if not same:
        return Check("certificate", ok=False, finding="the certificate states other prices than the plan")
    fits = "belongs to" if certificate.plan_sha256 else "states what it can of"
    return Check("certificate", ok=True, finding=f"the certificate {fits} this problem and this plan")


def _room(problem: Problem, plan: Plan) -> NDArray[np.int64]:
    served = plan.bin_of_request >= 0
    used = np.bincount(plan.bin_of_request[served], problem.units[served], problem.bins)
    return problem.places.astype(np.int64) - used.astype(np.int64)  # sums of int16 are exact in float64


def _objective(problem: Problem, plan: Plan, weight: NDArray[np.int64]) -> int:
    served = plan.bin_of_request >= 0
    return exact_sum(problem.units[served] * weight[served])


def _heavier(weight: NDArray[np.int64], single: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each request, how many different weights of singles are above its own; int64 (n,)."""
    weights = np.unique(weight[single])
    return weights.size - np.searchsorted(weights, weight, side="right")
