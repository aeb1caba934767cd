"""Check a published draw from its files alone: no database, no secrets, no trust in who published them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Certificate, Mechanism, Plan, Problem, Status, lottery, verify
from booking.draws import files, formats
from booking.draws.compensation import follows_its_rule
from booking.draws.decision import decided, problem_of
from booking.draws.figures import figures
from booking.draws.files import BINS, CERTIFICATE, DRAW, MEDIA_TYPES, PLAN, REPORT, REQUESTS, SEED, Frozen
from booking.draws.results import PlanRows, read_certificate, read_plan, read_report, read_seed
from booking.draws.software import versions
from booking.requests.receipt import receipt_of

Check = tuple[bool, str]
"""Whether it is right, and what was checked or found wrong, in words."""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one draw, in order; a check that cannot be made because an earlier one failed is left out."""

    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return all(right for right, _ in self.checks)

    def words(self) -> str:
        """Return what was checked and found, a line each."""
        return "\n".join(f"{'passed' if right else 'FAILED'}: {sentence}" for right, sentence in self.checks)


class _WrongError(Exception):
    """A check found something wrong; the message says what."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read a draw's files from a folder, as `verify_files` takes them; those that are missing are left out.

    Raises
    ------
    DamagedFileError
        A file cannot be opened, is larger than any draw's, or changes while it is read.
    """
    contents = {}
    for name in MEDIA_TYPES:
        try:
            if not (folder / name).is_file():
                continue
            size = (folder / name).stat().st_size
            formats.check_size(name, size)
            with (folder / name).open("rb") as file:
                contents[name] = file.read(size + 1)
        except OSError as error:
            raise formats.DamagedFileError(f"{name}: {error.strerror}") from error
        if len(contents[name]) != size:
            raise formats.DamagedFileError(f"{name}: it changed while it was read")
    return contents


def verify_files(published: Path | Mapping[str, bytes], *, receipt: bytes | None = None) -> Report:
    """Check a draw from its published files.

    Parameters
    ----------
    published
        A folder with the files, or their contents by name.
    receipt
        A person's receipt: also check that this request took part.

    Returns
    -------
    Report
        Every check with a sentence. Nothing that is wrong in a file raises an error.

    Notes
    -----
    The seed's commitment and the root must be the ones that were shown before the draw: the report names them, to be
    compared with the public page, one's own receipt, or a newspaper.
    """
    checks: list[Check] = []
    try:
        contents = read_folder(published) if isinstance(published, Path) else dict(published)
        checks.extend(_checks(contents, receipt))
    except formats.DamagedFileError as error:
        checks.append((False, str(error)))
    except Exception as error:  # noqa: BLE001 - whatever files make a check stumble over is wrong with the files
        checks.append((False, f"a check could not be made: {type(error).__name__}, {formats.shown(str(error))}"))
    return Report(checks)


def _checks(contents: Mapping[str, bytes], receipt: bytes | None) -> Iterator[Check]:
    frozen = files.read_frozen(contents)
    certificate = read_certificate(contents, bins=len(frozen.bins))
    seed = read_seed(contents)
    plan = read_plan(contents, most=len(frozen.leaves))
    report = read_report(contents)
    yield True, "all files are there and readable"
    sound = True
    made = [
        lambda: _same_files(contents, certificate),
        lambda: _commitment(frozen, seed),
        lambda: _receipts(frozen),
        lambda: _root(frozen),
    ]
    if receipt is not None:
        made.append(lambda: _takes_part(frozen, receipt))
    for check in made:
        right, words = _made(check)
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
    about_plan = [
        _made(lambda: _order(problem.order, plan)),
        _made(lambda: _problem(problem, certificate)),
        _made(lambda: _seats(frozen, problem, plan)),
        _made(lambda: _mechanism(frozen, certificate)),
        _made(lambda: _compensation(frozen, problem)),
        *_proof(problem, plan, certificate),
    ]
    yield from about_plan
    if all(right for right, _ in about_plan):
        yield _made(lambda: _report(frozen, plan, certificate, report))
    yield _made(lambda: _same_result(contents, frozen, problem, certificate))


def _made(check: Callable[[], str]) -> Check:
    try:
        return True, check()
    except _WrongError as error:
        return False, str(error)


def _same_files(contents: Mapping[str, bytes], certificate: Mapping[str, Any]) -> str:
    for name in (DRAW, REQUESTS, BINS, PLAN, REPORT):
        if certificate["files"].get(name) != formats.digest(contents[name]):
            raise _WrongError(f"{name} is not the file that {CERTIFICATE} states")
    return "every file is the one that the certificate states"


def _commitment(frozen: Frozen, seed: bytes) -> str:
    if not lottery.keeps_commitment(seed, frozen.commitment):
        raise _WrongError(f"the seed in {SEED} is not the one that was committed to before the window opened")
    return f"the seed is the one behind the commitment {frozen.commitment.hex()}"


def _receipts(frozen: Frozen) -> str:
    for number, leaf in enumerate(frozen.leaves, 1):
        if receipt_of(leaf.wish) != leaf.receipt:
            raise _WrongError(f"{REQUESTS}, line {number}: the receipt is not that of the wish")
    return f"each of {len(frozen.leaves)} receipts is that of its wish, and none is there twice"


def _root(frozen: Frozen) -> str:
    if lottery.merkle_root([leaf.record() for leaf in frozen.leaves]) != frozen.root:
        raise _WrongError("the root over the requests is not the one that was published at closing")
    return f"the requests give the root {frozen.root.hex()}"


def _takes_part(frozen: Frozen, receipt: bytes) -> str:
    number = next((number for number, leaf in enumerate(frozen.leaves, 1) if leaf.receipt == receipt), None)
    if number is None:
        raise _WrongError("no request with this receipt took part")
    return f"the request with this receipt took part: line {number} of {REQUESTS}"


def _order(order: NDArray[np.int32], plan: PlanRows) -> str:
    wrong = np.flatnonzero(order != plan.position)
    if wrong.size:
        raise _WrongError(f"{PLAN}: the position of leaf {int(wrong[0])} is not what seed, root and priority give")
    return "everyone stands where seed, root and the draws lost before put them"


def _problem(problem: Problem, certificate: Mapping[str, Any]) -> str:
    if problem.digest.hex() != certificate["certificate"].get("problem_sha256"):
        raise _WrongError("requests and free places give another problem than the one that was solved")
    return f"requests and free places give the problem that was solved, {problem.pairs} acceptable pairs"


def _seats(frozen: Frozen, problem: Problem, plan: PlanRows) -> str:
    """No slot holds more than was free, every party is whole and sits in touching slots of its bin."""
    free = {(each.pool, slot): units for each in frozen.bins for slot, units in zip(each.slots, each.free, strict=True)}
    for leaf, (number, first, units) in enumerate(zip(plan.bin.tolist(), plan.first_slot, plan.units, strict=True)):
        if number < 0:
            continue
        if number >= len(frozen.bins):
            raise _WrongError(f"{PLAN}: leaf {leaf} is in a bin that is not there")
        pool, slots = frozen.bins[number].pool, frozen.bins[number].slots
        if first not in slots or slots.index(first) + len(units) > len(slots):
            raise _WrongError(f"{PLAN}: leaf {leaf} sits in slots that its bin does not have")
        if sum(units) != int(problem.units[leaf]) or min(units, default=0) < 1:
            raise _WrongError(f"{PLAN}: the party of leaf {leaf} is not whole")
        for offset, taken in enumerate(units):
            slot = slots[slots.index(first) + offset]
            free[pool, slot] -= taken
            if free[pool, slot] < 0:
                raise _WrongError(f"{PLAN}: slot {slot} holds more than was free")
    return "no slot holds more than was free, and every party is whole, in touching slots"


def _mechanism(frozen: Frozen, certificate: Mapping[str, Any]) -> str:
    stated = certificate["plan"].get("mechanism")
    if stated != frozen.mechanism:
        raise _WrongError(f"{DRAW} fixed the mechanism {frozen.mechanism}, {CERTIFICATE} is about {stated}")
    return f"places were given by the mechanism that was fixed at closing: {frozen.mechanism}"


def _proof(problem: Problem, plan: PlanRows, certificate: Mapping[str, Any]) -> Iterator[Check]:
    """Check the plan without the solver: acceptable, within capacity, nobody passed over, the bound proven."""
    try:
        stated = Certificate.from_dict(certificate["certificate"])
        totals = dict(certificate["plan"])
        claimed = Plan(
            bin_of_request=plan.bin.astype(np.int32),
            prices=stated.prices,
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
    found = figures(frozen, plan.bin.tolist(), certificate["plan"])
    for name in sorted(found.keys() | report.keys()):
        # as bytes, since 1 and 1.0 are equal but not the same
        if formats.write_json({"": found.get(name)}) != formats.write_json({"": report.get(name)}):
            raise _WrongError(f"{REPORT}: {name} is not what the other files give")
    return f"the figures of {REPORT}, and the chances of each group, are what the other files give"


def _compensation(frozen: Frozen, problem: Problem) -> str:
    if not follows_its_rule(frozen, problem):
        raise _WrongError(f"{DRAW}: rehearsing the draw gives another compensation")
    return "what larger requests weigh follows from requests and places, not from the seed"


def _same_result(
    contents: Mapping[str, bytes], frozen: Frozen, problem: Problem, certificate: Mapping[str, Any]
) -> str:
    stated, ours = certificate["certificate"].get("versions"), versions()
    if decided(frozen, problem).plan_file() != contents[PLAN]:
        other = "" if stated == ours else f"; it was made with {stated}, this is {ours}"
        raise _WrongError(f"drawing again gives another plan than {PLAN}{other}")
    return "drawing again gives the same plan, bit for bit"


_NUMBERS: Final = ("served_requests", "served_people", "served_units", "objective", "bound")
