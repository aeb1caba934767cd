"""Checks of a plan that both formats of a draw share: from requests, places and the line to who sits where."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np

from allocation import Certificate, Mechanism, Plan, Problem, Status, verify
from booking.platform.base.release import processors
from booking.scheduling.draws import formats
from booking.scheduling.draws.archive import Check, WrongError, made
from booking.scheduling.draws.compensation import follows_its_rule
from booking.scheduling.draws.csv_tables import hidden
from booking.scheduling.draws.decision import decided
from booking.scheduling.draws.figures import figures
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REPORT, Frozen
from booking.scheduling.draws.results import PlanRows
from booking.scheduling.draws.statement import versions

_NUMBERS: Final = ("served_requests", "served_people", "served_units", "objective", "bound")


def plan_checks(
    contents: Mapping[str, bytes],
    frozen: Frozen,
    problem: Problem,
    plan: PlanRows,
    certificate: Mapping[str, Any],
    report: Mapping[str, Any],
) -> Iterator[Check]:
    """Check everything about a plan whose line is right; the report only where the plan itself is right.

    The draw is drawn again beside the other checks, by compiled code that leaves them the interpreter.
    """
    with ThreadPoolExecutor(1) as beside:
        again = beside.submit(lambda: decided(frozen, problem, workers=processors()).plan_file(plan.salts))
        about_plan = [
            *([] if hidden(frozen.facts) else [made(lambda: _problem(problem, certificate))]),
            made(lambda: _seats(frozen, problem, plan)),
            made(lambda: _mechanism(frozen, certificate)),
            made(lambda: _compensation(frozen, problem)),
            *_proof(problem, plan, certificate),
        ]
        yield from about_plan
        if all(right for right, _ in about_plan):
            yield made(lambda: _report(frozen, plan, certificate, report))
        yield made(lambda: _same_result(contents, again.result(), certificate))


def _problem(problem: Problem, certificate: Mapping[str, Any]) -> str:
    if problem.digest.hex() != certificate["certificate"].get("problem_sha256"):
        raise WrongError("requests and free places give another problem than the one that was solved")
    return f"requests and free places give the problem that was solved, {problem.pairs} acceptable pairs"


def _seats(frozen: Frozen, problem: Problem, plan: PlanRows) -> str:
    """No slot holds more than was free, every party is whole and sits in touching slots of its bin."""
    free = {(each.pool, slot): units for each in frozen.bins for slot, units in zip(each.slots, each.free, strict=True)}
    for leaf, (number, first, units) in enumerate(zip(plan.bin.tolist(), plan.first_slot, plan.units, strict=True)):
        if number < 0:
            continue
        if number >= len(frozen.bins):
            raise WrongError(f"{PLAN}: leaf {leaf} is in a bin that is not there")
        pool, slots = frozen.bins[number].pool, frozen.bins[number].slots
        if first not in slots or slots.index(first) + len(units) > len(slots):
            raise WrongError(f"{PLAN}: leaf {leaf} sits in slots that its bin does not have")
        if sum(units) != int(problem.units[leaf]) or min(units, default=0) < 1:
            raise WrongError(f"{PLAN}: the party of leaf {leaf} is not whole")
        for offset, taken in enumerate(units):
            slot = slots[slots.index(first) + offset]
            free[pool, slot] -= taken
            if free[pool, slot] < 0:
                raise WrongError(f"{PLAN}: slot {slot} holds more than was free")
    return "no slot holds more than was free, and every party is whole, in touching slots"


def _mechanism(frozen: Frozen, certificate: Mapping[str, Any]) -> str:
    stated = certificate["plan"].get("mechanism")
    if stated != frozen.mechanism:
        raise WrongError(f"the mechanism {frozen.mechanism} was fixed at closing, {CERTIFICATE} is about {stated}")
    return f"places were given by the mechanism that was fixed at closing: {frozen.mechanism}"


def _proof(problem: Problem, plan: PlanRows, certificate: Mapping[str, Any]) -> Iterator[Check]:
    """Check the plan without the solver: acceptable, within capacity, nobody passed over, the bound proven."""
    try:
        stated = Certificate.from_dict(certificate["certificate"])
        totals = dict(certificate["plan"])
        claimed = Plan(
            bin_of_request=plan.bin.astype(np.int32),
            prices=stated.prices,
            by_size=stated.by_size,
            mechanism=Mechanism(totals["mechanism"]),
            status=Status(totals["status"]),
            stage_seconds={},
            **{name: int(totals[name]) for name in _NUMBERS},
        )
    except (KeyError, TypeError, ValueError) as error:
        yield False, f"{CERTIFICATE}: {error}"
        return
    for check in verify(problem, claimed, stated).checks:
        yield check.ok, check.finding


def _report(frozen: Frozen, plan: PlanRows, certificate: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    found = figures(frozen, plan.bin, certificate["plan"])
    for name in sorted(found.keys() | report.keys()):
        # as bytes, since 1 and 1.0 are equal but not the same
        if formats.write_json({"": found.get(name)}) != formats.write_json({"": report.get(name)}):
            raise WrongError(f"{REPORT}: {name} is not what the other files give")
    return f"the figures of {REPORT}, and the chances of each group, are what the other files give"


def _compensation(frozen: Frozen, problem: Problem) -> str:
    with ThreadPoolExecutor(processors()) as pool:
        right = follows_its_rule(frozen, problem, spread=pool.map)
    if not right:
        raise WrongError("rehearsing the draw gives another compensation than the one that was fixed at closing")
    return "what larger requests weigh follows from requests and places, not from the seed"


def _same_result(contents: Mapping[str, bytes], again: bytes, certificate: Mapping[str, Any]) -> str:
    stated, ours = certificate["certificate"].get("versions"), versions()
    if again != contents[PLAN]:
        other = "" if stated == ours else f"; it was made with {stated}, this is {ours}"
        raise WrongError(f"drawing again gives another plan than {PLAN}{other}")
    return "drawing again gives the same plan, bit for bit"
