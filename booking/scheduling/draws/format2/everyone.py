"""What anybody can check of a draw from the files that are for everyone (ring 1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from allocation import lottery
from allocation.checking.certificate import HIDDEN
from booking.scheduling.draws import figures
from booking.scheduling.draws.archive import Check, WrongError, made_in_turn
from booking.scheduling.draws.files import CERTIFICATE, REPORT, SEED, Bin
from booking.scheduling.draws.format2 import trust as in_log
from booking.scheduling.draws.format2.audit import check_audit, read_audit
from booking.scheduling.draws.format2.closing import joined, read_bound_bins, read_facts, statement_hash
from booking.scheduling.draws.format2.coarse import read_coarse
from booking.scheduling.draws.format2.line import Line, read_line
from booking.scheduling.draws.format2.rows import TurnReason
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    AUDIT,
    BEACON,
    COARSE,
    FOR_OBSERVERS,
    IN_CERTIFICATE,
    IN_RESULT,
    LINE,
    PRICED_BY_SIZE,
    RESULT,
    STATEMENT,
    TURNS,
    LineRow,
    TurnRow,
    read_beacon,
    read_turns,
)
from booking.scheduling.draws.format2.trust import Standing, Trust, known_log, known_witnesses, same_log
from booking.scheduling.draws.formats import digest
from booking.scheduling.draws.problem import line_order
from booking.scheduling.draws.results import read_certificate, read_report, read_seed
from booking.transparency.beacons import terms
from booking.transparency.beacons.errors import BeaconError

_SHOWN: Final = 16
_COUNTED: Final = ("served_requests", "served_people")


@dataclass(frozen=True, eq=False)
class Published:
    """What everyone sees of a draw, read; ``audit`` is None as long as audit.json is not there."""

    files: Mapping[str, bytes]
    standing: Standing
    beacon: Mapping[str, Any]
    seed: bytes
    line: Line
    turns: Sequence[TurnRow]
    bins: Sequence[Bin]
    report: Mapping[str, Any]
    certificate: Mapping[str, Any]
    audit: Mapping[str, Any] | None

    @property
    def statement(self) -> Mapping[str, Any]:
        """The closing statement."""
        return self.standing.statement

    @property
    def public(self) -> bytes:
        """What the seed is joined with: the beacon's value and the statement's hash."""
        return joined(bytes.fromhex(self.beacon["value"]), self.statement)


def read_published(files: Mapping[str, bytes]) -> Published:
    """Read the files that are for everyone, strictly; raises DamagedFileError."""
    facts = {name: read_facts(files, name) for name in (ANNOUNCEMENT, STATEMENT, RESULT)}
    statement = facts[STATEMENT]
    bins = read_bound_bins(files, statement)
    line = read_line(files, most=statement["requests"]["number"])
    if COARSE in files:
        read_coarse(files, line, statement["format"])
    return Published(
        files=files,
        standing=Standing(
            facts[ANNOUNCEMENT],
            statement,
            facts[RESULT],
            entries=in_log.entries_of(files),
            proofs=in_log.read_proofs(files),
        ),
        beacon=read_beacon(files),
        seed=read_seed(files),
        line=line,
        turns=read_turns(files, most=statement["turns"]["number"]),
        bins=bins,
        report=read_report(files, form=figures.CLOSED),
        certificate=read_certificate(
            files,
            bins=len(bins),
            others=IN_CERTIFICATE,
            form=HIDDEN,
            by_size=statement["format"] in PRICED_BY_SIZE,
        ),
        audit=read_audit(files) if AUDIT in files else None,
    )


def checks_for_everyone(draw: Published, trust: Trust) -> Iterator[Check]:
    """Make the checks in the order of docs/draw-format.md; what proves nothing after a wrong one is left out."""
    yield from made_in_turn(
        [
            lambda: _same_files(draw),
            lambda: in_log.repeated(draw.standing),
            lambda: known_log(draw.standing.announcement["log"], trust),
            lambda: in_log.in_order(draw.standing),
            lambda: in_log.cosigned(draw.standing)[0],
            lambda: known_witnesses(draw.standing.announcement["witnesses"], in_log.cosigned(draw.standing)[1], trust),
            *_outside(draw, trust),
            lambda: _roots(draw),
            lambda: _commitment(draw),
            lambda: in_log.latest(draw.standing),
            lambda: _value(draw),
            lambda: _line(draw),
            lambda: _counts(draw),
            lambda: _priorities(draw),
            *_sample(draw),
        ]
    )


def lottery_number(draw: Published, row: LineRow) -> bytes:
    """Return the number that seed, beacon and statement give to the person of a row."""
    return lottery.lottery_number(draw.seed, draw.public, row.person)


def _outside(draw: Published, trust: Trust) -> list[Callable[[], str]]:
    checkpoint = trust.checkpoint
    if checkpoint is None:
        return []
    return [lambda: same_log(checkpoint, draw.standing.announcement["log"], draw.standing.heads())]


def _sample(draw: Published) -> list[Callable[[], str]]:
    audit = draw.audit
    return [] if audit is None else [lambda: check_audit(draw.standing, audit, len(draw.line))]


def _same_files(draw: Published) -> str:
    stated = draw.standing.result["files"]
    for name in IN_RESULT:
        if name in draw.files and digest(draw.files[name]) != stated[name]:
            raise WrongError(f"{name} is not the file that {RESULT} states")
    for name in IN_CERTIFICATE:
        if draw.certificate["files"][name] != (digest(draw.files[name]) if name == STATEMENT else stated[name]):
            raise WrongError(f"{CERTIFICATE} states another {name} than {RESULT}")
    for name, rows in ((FOR_OBSERVERS[0], "requests"), (FOR_OBSERVERS[1], "turns")):
        if draw.statement[rows]["sha256"] != stated[name]:
            raise WrongError(f"{RESULT} states another {name} than {STATEMENT}")
    return "every file is the one that the result states, and the frozen ones are those that the statement binds"


def _roots(draw: Published) -> str:
    for name, rows, records in (
        (LINE, "requests", draw.line.records()),
        (TURNS, "turns", [row.record() for row in draw.turns]),
    ):
        stated = draw.statement[rows]
        if len(records) != stated["number"] or lottery.merkle_root(records).hex() != stated["root"]:
            raise WrongError(f"{name} has not the rows that the statement binds")
    return f"{len(draw.line)} requests and {len(draw.turns)} turns outside the line are those that the statement binds"


def _commitment(draw: Published) -> str:
    stated = draw.statement["seed_commitment"]
    if (
        not lottery.keeps_commitment(draw.seed, bytes.fromhex(stated))
        or draw.standing.result["seed"] != draw.seed.hex()
    ):
        raise WrongError(f"the seed in {SEED} is not the one that was committed to before the window opened")
    return f"the seed is the one behind the commitment {stated}"


def _value(draw: Published) -> str:
    beacon, stated, result = draw.beacon, draw.statement["beacon"], draw.standing.result
    if (beacon["kind"], beacon["round"]) != (stated["kind"], stated.get("round")):
        raise WrongError(f"{BEACON} is of another beacon or round than the announced one")
    if beacon["reference"] != draw.standing.reference or result["beacon"] != {
        name: beacon[name] for name in ("signature", "value")
    }:
        raise WrongError(f"{BEACON} is not the value that {RESULT} states")
    try:
        terms.check(stated, statement_hash(draw.statement), bytes.fromhex(beacon["signature"]))
    except BeaconError as error:
        raise WrongError(f"{BEACON}: {error}") from error
    told = "" if terms.is_known(stated) else "; but the office itself may hold the secret of such a beacon, and choose"
    return f"the beacon's value {beacon['value']} is the only one that there can be for this draw{told}"


def _line(draw: Published) -> str:
    order = line_order(draw.line.columns, draw.seed, draw.public)
    wrong = np.flatnonzero(order != draw.line.position)
    if wrong.size:
        raise WrongError(f"{LINE}, leaf {int(wrong[0])}: the position is not what seed, beacon and priority give")
    return "everyone stands where seed, beacon, statement and the draws lost before put them"


def _counts(draw: Published) -> str:
    served = int(draw.line.served.sum())
    result, report = draw.standing.result, draw.report
    if served != result["served_requests"]:
        raise WrongError(f"{LINE} shows {served} requests served, {RESULT} {result['served_requests']}")
    told = {"reference": draw.standing.reference, "asked_requests": len(draw.line)}
    for name, value in (told | {name: result[name] for name in _COUNTED}).items():
        # the type too, since 1 and 1.0 are equal but not the same
        if type(report[name]) is not type(value) or report[name] != value:
            raise WrongError(f"{REPORT}: {name} is not what the other files give")
    return f"{served} of {len(draw.line)} requests are served, as line, report and result say"


def _priorities(draw: Published) -> str:
    for leaf, (priority, before) in enumerate(zip(draw.line.priority.tolist(), draw.line.before, strict=True)):
        if before is None and priority:
            raise WrongError(f"{LINE}, leaf {leaf}: priority {priority} without an earlier row")
    for number, turn in enumerate(draw.turns):
        first = turn.before is None
        carried = turn.reason is TurnReason.BEFORE_FORMAT_2
        if turn.priority < 1 or (first and not carried and turn.priority != 1) or (carried and not first):
            raise WrongError(f"{TURNS}, row {number}: its priority cannot follow from the rows before")
    links = [before for before in (*draw.line.before, *(turn.before for turn in draw.turns)) if before is not None]
    if len(set(links)) < len(links):
        raise WrongError("two rows show the same earlier row")
    words = sum(turn.reason is TurnReason.BEFORE_FORMAT_2 for turn in draw.turns)
    told = f"; turns from before this format, which are the word of the office: {words}" if words else ""
    return f"nobody has priority without an earlier row{told}"


def row_in_words(draw: Published, receipt: bytes) -> str:
    """Say what the line shows of a receipt; raises WrongError where it did not take part."""
    leaf = draw.line.row_of(receipt)
    if leaf is None:
        raise WrongError(
            "no request with this receipt took part; the receipt of asking is another number: give the file of your own"
        )
    row = draw.line[leaf]
    ahead = int((draw.line.priority > row.priority).sum())
    number = lottery_number(draw, row).hex()[:_SHOWN]
    return (
        f"the request with this receipt took part: leaf {leaf} of {LINE}. It is number {row.position + 1} of "
        f"{len(draw.line)} in line, since it lost {row.priority} draws before ({ahead} requests lost more) and has the "
        f"lottery number {number}…; it has {'a' if row.served else 'no'} place"
    )
