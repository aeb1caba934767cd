"""Whole draws in format 2, invented without a database, the same on every run: the sample of all verifiers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from allocation import lottery
from booking.platform.base.exact_json import canonical, one_line
from booking.scheduling.draws.decision import Decision, decide
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.format2.closing import ANNOUNCED, Closed, read_closing, statement_hash, write_closing
from booking.scheduling.draws.format2.line import Written
from booking.scheduling.draws.format2.outcome import places_of, write_outcome
from booking.scheduling.draws.format2.own_receipt import own_place, write_own_receipt
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList, Turn, TurnReason, priority_after
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    FORMAT,
    LEAVES,
    PROOFS,
    RESULT,
    SAYING_WHAT_LASTS,
    STATEMENT,
)
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import fitting
from booking.scheduling.draws.statement import versions
from booking.scheduling.draws.wishes import without_lonely_links
from booking.transparency.beacons import bls
from booking.transparency.beacons.values import (
    DRAND_DST,
    WITNESSES_DST,
    round_after,
    round_message,
    statement_message,
    value_of,
)
from tests.standalone.drawn import DRAW_SEED, some_bins
from tests.support.asked_rows import Asked, ask, change
from tests.support.own_log import OwnLog

SECRET: Final = 0x5EED
"""Of the beacon's group of one."""
CLOSES: Final = datetime(2026, 11, 1, 17, tzinfo=UTC)
LEAD: Final = timedelta(days=7)
"""From the first closing to the first day of places."""
BEFORE: Final = 5
"""Draws that the first requests lost before there was this format."""


@dataclass(frozen=True)
class Recorded:
    """A round of a network that is not ours: its terms, and the signature that came."""

    terms: Mapping[str, Any]
    signature: bytes


@dataclass
class Drawn:
    """A draw that is published: all its files by name, and what its maker knows."""

    files: dict[str, bytes]
    closed: Closed
    decision: Decision
    log: OwnLog
    waiting: list[Asked] = field(default_factory=list)

    def own_receipt(self, leaf: int, *, decided: bool = True) -> bytes:
        """Return the file that the person of a leaf downloads, after the result or before it."""
        entrant = self.closed.entrants[leaf]
        tree = lottery.merkle_tree(places_of(self.closed, self.decision))
        place = own_place(
            int(self.decision.plan.bin_of_request[leaf]),
            self.decision.seats[leaf],
            lottery.inclusion_proof(tree, leaf),
        )
        return write_own_receipt(
            entrant,
            self.closed.reference,
            leaf,
            log_proof=str(self.log.proof(entrant.logged)),
            place=place if decided else None,
        )

    def written(self, folder: Path, names: Sequence[str] | None = None) -> Path:
        """Write the files, or only some of them, into a folder that is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.files if names is None else names:
            (folder / name).write_bytes(self.files[name])
        return folder


def invented_draw(
    requests: int = 36,
    *,
    seed: int = 1,
    before: Drawn | None = None,
    drand: bool = False,
    recorded: Recorded | None = None,
    start: datetime = CLOSES,
    witnesses: int = 2,
    largest: int = 3,
    days: int = 3,
    wide: int = 2,
    asking: Callable[..., Asked] = ask,
    bins: Callable[..., Sequence[Bin]] = some_bins,
    **facts: Any,
) -> Drawn:
    """Publish a draw in format 3; ``before``: the draw whose unserved requests take part again, in the same log.

    Nothing fits the first request that is asked; before it takes part again its owner changes it, and so does another.
    ``asking`` and ``bins``: who asks, and for what.
    ``start``: when the first draw closes; ``recorded``: the round that decides instead of one of our own. ``facts`` may
    hold what a statement says, such as its ``mechanism``, or ``format`` for one of the format before.
    """
    random = np.random.default_rng(seed)
    number = 1 if before is None else int(before.closed.reference.rpartition("-")[2]) + 1
    reference, closes = f"invented-{number}", start + timedelta(days=number - 1)
    begin = (start + LEAD).date()
    log = before.log if before else OwnLog(witnesses)
    beacon = recorded.terms if recorded else _beacon(closes, drand=drand)
    announcement = _announcement(reference, closes, log, (begin, days), beacon)
    at = log.add(canonical(announcement), closes - timedelta(days=1))
    newest = facts.get("format", FORMAT) in SAYING_WHAT_LASTS
    waiting = list(before.waiting) if before else []
    for each, weekdays in zip(waiting, (127, None), strict=False):
        change(each, log, closes - timedelta(hours=3), weekdays)
    waiting += [
        asking(random, log, largest, (begin, days), closes, never=newest and not number) for number in range(requests)
    ]
    _outside(waiting, first=before is None)
    _together(waiting)
    entrants, turns = _rows(waiting, reference, lasting=newest)
    fixed = _statement(announcement, at, log, closes, ({"model": None} if newest else {}) | facts)
    rows = [Written.of(each) for each in entrants]
    contents = write_closing(fixed, rows, turns, bins(random, days, wide, begin))
    log.add(contents[STATEMENT][:-1], closes + timedelta(seconds=2))
    closed = read_closing(contents)
    signature = recorded.signature if recorded else sign(beacon, statement_hash(closed.statement))
    decision = decide(closed.frozen(value_of(signature)), DRAW_SEED)
    drawn_at = closes + timedelta(seconds=1200)
    made = {"places_root": lottery.merkle_root(places_of(closed, decision)), "at": drawn_at.isoformat()}
    contents |= write_outcome(closed, contents, decision, seed=DRAW_SEED, signature=signature, **made)
    log.add(contents[RESULT][:-1], drawn_at + timedelta(seconds=1))
    contents |= {ANNOUNCEMENT: one_line(announcement)}
    contents |= {proof: str(log.proof_of(contents[name][:-1])).encode() for name, proof in PROOFS.items()}
    del contents[LEAVES]
    return Drawn(contents, closed, decision, log, _waiting(waiting, closed, decision))


def sign(beacon: Mapping[str, Any], of: bytes) -> bytes:
    """Return the signature that decides a draw with the statement of this hash."""
    if beacon["kind"] == "drand":
        return bls.sign(SECRET, round_message(beacon["round"]), dst=DRAND_DST)
    return bls.sign(SECRET, statement_message(of), dst=WITNESSES_DST)


def _beacon(closes: datetime, *, drand: bool) -> dict[str, Any]:
    key = bls.public_key(SECRET).hex()
    if not drand:
        return {"kind": "witnesses", "key": key, "need": 1, "of": ["one"]}
    network = {"genesis": 1_692_803_367, "period": 3}
    chain = sha256(b"a chain of our own").hexdigest()
    return {"kind": "drand", "chain": chain, "key": key, **network, "round": round_after(closes, **network)}


def _announcement(
    reference: str, closes: datetime, log: OwnLog, span: tuple[date, int], beacon: Mapping[str, Any]
) -> dict[str, Any]:
    begin, days = span
    return {
        "type": "announcement",
        "at": (closes - timedelta(days=1, hours=1)).isoformat(),
        "reference": reference,
        "opens_at": (closes - timedelta(days=1)).isoformat(),
        "closes_at": closes.isoformat(),
        "horizon_first": begin.isoformat(),
        "horizon_last": (begin + timedelta(days=days - 1)).isoformat(),
        "confirm_seconds": 172_800,
        "seed_commitment": lottery.commitment(DRAW_SEED).hex(),
        "beacon": dict(beacon),
        "log": log.key.text,
        "witnesses": sorted(key.text for key in log.witness_keys),
        "need": len(log.witness_keys),
        "again": None,
    }


def _statement(
    announcement: Mapping[str, Any], at: int, log: OwnLog, closes: datetime, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the statement but what follows from the rows."""
    return {name: announcement[name] for name in ANNOUNCED} | {
        "closed_at": (closes + timedelta(milliseconds=250)).isoformat(),
        "announcement": {"index": at, "sha256": sha256(canonical(dict(announcement))).hexdigest()},
        "receipts": {"size": len(log.entries), "root": log.root().hex()},
        "mechanism": "exchange",
        "compensation_rule": "policy",
        "compensation": {"3": 1200},
        "solver_seconds": 1,
        "quota": {"version": 1, "sha256": sha256(b"quota").hexdigest()},
        "rules": None,
        "versions": versions(),
        **facts,
    }


def _outside(waiting: Sequence[Asked], *, first: bool) -> None:
    """Keep some turns outside the line, one for each reason; the request before format 2 stands in line too."""
    reasons = [TurnReason.UNDER_REVIEW, TurnReason.REGISTER, TurnReason.DISPLACED, TurnReason.UNLOGGED]
    for each in waiting:
        each.reason = None
    for each, reason in zip(waiting[2::3], [*reasons, *([TurnReason.BEFORE_FORMAT_2] if first else [])], strict=False):
        each.reason = reason


def _together(waiting: Sequence[Asked]) -> None:
    """Let the first two in line be a household that wishes to come together."""
    in_line = [each for each in waiting if _stands_in_line(each)]
    household = sha256(b"household").digest()[:16]
    for each in waiting:
        each.together = household if each in in_line[:3] else None
    lonely = without_lonely_links([Leaf(each.wish, b"", b"", 0, None, each.together) for each in waiting])
    for each, leaf in zip(waiting, lonely, strict=True):
        each.together = leaf.together


def _stands_in_line(each: Asked) -> bool:
    return each.reason in (None, TurnReason.DISPLACED, TurnReason.BEFORE_FORMAT_2)


def _rows(waiting: Sequence[Asked], reference: str, *, lasting: bool) -> tuple[list[Entrant], list[Turn]]:
    """Return the rows of the line and of the turns; those that stand in both point from the line to their turn."""
    turns = []
    for each in waiting:
        if each.reason is None:
            continue
        before = each.reason is TurnReason.BEFORE_FORMAT_2
        each.priority = BEFORE if before else each.priority + 1
        each.lasting = BEFORE if before else each.lasting + (each.reason is not TurnReason.REGISTER)
        turn = Turn.of(
            each.receipt,
            each.wish.nonce,
            reference,
            reason=each.reason,
            priority=each.priority,
            logged=None if each.reason is TurnReason.UNLOGGED else each.logged,
            lasting=each.lasting if lasting else None,
            link=None if before else each.link,
        )
        turns.append((turn, each))
    turns.sort(key=lambda pair: pair[0].receipt)
    for row, (_, each) in enumerate(turns):
        each.link = Link(reference, RowList.TURNS, row)
    line = [
        Entrant.of(
            each.wish,
            reference,
            person=sha256(each.person + reference.encode()).digest()[:16],
            priority=each.priority,
            logged=each.logged,
            lasting=each.lasting if lasting else None,
            link=each.link,
            holds=each.holds,
            together=each.together,
        )
        for each in waiting
        if _stands_in_line(each) and each.logged is not None
    ]
    return sorted(line, key=lambda row: row.leaf.receipt), [turn for turn, _ in turns]


def _waiting(waiting: Sequence[Asked], closed: Closed, decision: Decision) -> list[Asked]:
    """Return who waits on after the draw, linked to their rows in it."""
    served = {entrant.base: (row, bool(decision.seats[row])) for row, entrant in enumerate(closed.entrants)}
    fits = fitting(decision.problem)
    left = []
    for each in waiting:
        row, has_place = served.get(each.wish.nonce, (None, False))
        if has_place:
            continue
        if row is not None:
            each.priority = priority_after(RowList.LINE, each.priority, served=False)
            each.lasting += bool(fits[row])
            each.link = Link(closed.reference, RowList.LINE, row)
        if closed.statement["format"] not in SAYING_WHAT_LASTS:
            each.lasting = each.priority
        left.append(each)
    return left
