"""The check of a draw whose files are in format 1."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation import lottery
from booking.scheduling.draws import files, formats
from booking.scheduling.draws.archive import Check, WrongError, made
from booking.scheduling.draws.decision import problem_of
from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, PLAN, REPORT, REQUESTS, SEED, Frozen
from booking.scheduling.draws.plan_checks import plan_checks
from booking.scheduling.draws.results import PlanRows, read_certificate, read_plan, read_report, read_seed
from booking.scheduling.requests.receipt import receipt_of


def checks_of(contents: Mapping[str, bytes], receipt: bytes | None) -> Iterator[Check]:
    """Check the files of a draw in format 1; raises DamagedFileError where one cannot be read."""
    frozen = files.read_frozen(contents)
    certificate = read_certificate(contents, bins=len(frozen.bins))
    seed = read_seed(contents)
    plan = read_plan(contents, most=len(frozen.leaves))
    report = read_report(contents)
    yield True, "all files are there and readable"
    yield True, "no log holds a draw of format 1: if the log announces this draw, these files are forged"
    sound = True
    bound = [
        lambda: _same_files(contents, certificate),
        lambda: _commitment(frozen, seed),
        lambda: _receipts(frozen),
        lambda: _root(frozen),
    ]
    if receipt is not None:
        bound.append(lambda: _takes_part(frozen, receipt))
    for check in bound:
        right, words = made(check)
        yield right, words
        sound &= right
    if not sound:  # what follows from other requests or another seed than the published ones proves nothing
        return
    if plan.position.size != len(frozen.leaves):
        yield False, f"{PLAN} has {plan.position.size} rows for {len(frozen.leaves)} requests"
        return
    try:
        problem = problem_of(frozen, seed)
    except ValueError as error:
        yield False, f"requests and free places give no problem: {error}"
        return
    in_line = made(lambda: _order(problem.order, plan))
    yield in_line
    if in_line[0]:
        yield from plan_checks(contents, frozen, problem, plan, certificate, report)


def _same_files(contents: Mapping[str, bytes], certificate: Mapping[str, Any]) -> str:
    for name in (DRAW, REQUESTS, BINS, PLAN, REPORT):
        if certificate["files"].get(name) != formats.digest(contents[name]):
            raise WrongError(f"{name} is not the file that {CERTIFICATE} states")
    return "every file is the one that the certificate states"


def _commitment(frozen: Frozen, seed: bytes) -> str:
    if not lottery.keeps_commitment(seed, frozen.commitment):
        raise WrongError(f"the seed in {SEED} is not the one that was committed to before the window opened")
    return f"the seed is the one behind the commitment {frozen.commitment.hex()}"


def _receipts(frozen: Frozen) -> str:
    for number, leaf in enumerate(frozen.leaves, 1):
        if receipt_of(leaf.wish) != leaf.receipt:
            raise WrongError(f"{REQUESTS}, line {number}: the receipt is not that of the wish")
    return f"each of {len(frozen.leaves)} receipts is that of its wish, and none is there twice"


def _root(frozen: Frozen) -> str:
    if lottery.merkle_root([leaf.record() for leaf in frozen.leaves]) != frozen.root:
        raise WrongError("the root over the requests is not the one that was published at closing")
    return f"the requests give the root {frozen.root.hex()}"


def _takes_part(frozen: Frozen, receipt: bytes) -> str:
    number = next((number for number, leaf in enumerate(frozen.leaves, 1) if leaf.receipt == receipt), None)
    if number is None:
        raise WrongError("no request with this receipt took part")
    return f"the request with this receipt took part: line {number} of {REQUESTS}"


def _order(order: NDArray[np.int32], plan: PlanRows) -> str:
    wrong = np.flatnonzero(order != plan.position)
    if wrong.size:
        raise WrongError(f"{PLAN}: the position of leaf {int(wrong[0])} is not what seed, root and priority give")
    return "everyone stands where seed, root and the draws lost before put them"
