"""What only the whole log shows: that it holds one statement of a draw, and every receipt where a request names it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from allocation import lottery
from booking.scheduling.draws.checks import WrongError
from booking.scheduling.draws.files import REQUESTS
from booking.scheduling.draws.format2.log_copy import LogCopy, receipt_entry, told_of
from booking.scheduling.draws.format2.names import KEPT_TURNS, PROOFS, RESULT
from booking.scheduling.draws.format2.observers import Opened
from booking.scheduling.draws.format2.standing import Standing
from booking.scheduling.draws.format2.trust import outside_head

_ONCE: Final = ("announcement", "statement", "result")
_GIVES_UP: Final = (b'"type":"statement"', b'"type":"abandoned"')


def log_checks(
    standing: Standing, opened: Opened | None, copy: LogCopy, checkpoint: bytes | None
) -> Iterator[Callable[[], str]]:
    """Give the checks of a draw, and of a checkpoint from outside, against a copy of the whole log."""
    yield lambda: _same_log(standing, copy.entries, checkpoint)
    yield lambda: _once(standing, copy.entries)
    yield lambda: _given_up(standing, copy.entries)
    if opened is not None:
        yield lambda: _receipts(opened, copy.entries)
    yield lambda: _replaced(standing, opened, copy)


def _same_log(standing: Standing, entries: Sequence[bytes], checkpoint: bytes | None) -> str:
    receipts = standing.statement["receipts"]
    heads = [(head.size, head.root, PROOFS[name]) for head, name in zip(standing.heads(), standing.proofs, strict=True)]
    heads.append((receipts["size"], bytes.fromhex(receipts["root"]), "receipts of the statement"))
    if checkpoint is not None:
        outside = outside_head(checkpoint, standing.announcement["log"])
        heads.append((outside.size, outside.root, "the checkpoint from outside"))
    for size, root, name in heads:
        if size > len(entries):
            raise WrongError(f"the copy of the log has {len(entries)} entries, {name} is about {size}")
        if lottery.merkle_root(entries[:size]) != root:
            raise WrongError(f"the copy of the log has another root at {size} entries than {name}: it has two faces")
    return f"the copy of the log, of {len(entries)} entries, is the log of the three proofs and of the list of receipts"


def _once(standing: Standing, entries: Sequence[bytes]) -> str:
    """Check that the log holds one entry of each kind about the draw, those of the files; raises WrongError."""
    named = f'"{standing.reference}"'.encode()
    for index, entry in enumerate(entries):
        if named not in entry:
            continue
        told = told_of(index, entry)
        if told.get("reference") != standing.reference:
            continue
        if told["type"] == "abandoned":
            raise WrongError(f"the log, entry {index}: the draw was abandoned: {told['reason']}")
        if told["type"] in _ONCE and entry not in standing.entries.values():
            raise WrongError(f"the log, entry {index}: there is another {told['type']} of this draw; keep both")
    return "the log holds one announcement, one statement and one result of this draw, and did not abandon it"


def _given_up(standing: Standing, entries: Sequence[bytes]) -> str:
    """Say which draws were given up after their closing, before this one's result: somebody may have chosen so."""
    closed: set[str] = set()
    given_up = []
    for index, entry in enumerate(entries[: standing.proofs[RESULT].index]):
        if not any(named in entry for named in _GIVES_UP):
            continue
        told = told_of(index, entry)
        if told["type"] == "statement":
            closed.add(told["reference"])
        elif told["type"] == "abandoned" and told["reference"] in closed:
            given_up.append(f"{told['reference']} ({told['reason']})")
    if not given_up:
        return "no draw was given up after its closing before this one had its result"
    return f"before this one draws were given up after their closing, ask why: {', '.join(given_up)}"


def _receipts(opened: Opened, entries: Sequence[bytes]) -> str:
    rows = 0
    for where, receipt, logged in _asked(opened):
        rows += 1
        if logged is not None and entries[logged] != receipt_entry(receipt.hex()):
            raise WrongError(f"{where}: the log does not hold its receipt at {logged}")
    return f"the log holds the receipt of each of {rows} rows where it is named"


def _replaced(standing: Standing, opened: Opened | None, copy: LogCopy) -> str:
    """Check that no row is of a receipt that another one had replaced by the closing; raises WrongError."""
    size = standing.statement["receipts"]["size"]
    early = {receipt for receipt, told in copy.replaced.items() if told.index < size}
    for where, receipt, _ in _asked(opened) if opened is not None else ():
        if receipt in early:
            raise WrongError(f"{where}: its receipt was replaced before the closing")
    told = f"{len(early)} receipts were replaced before the closing, each by one other"
    return f"{told}, and none of them takes part" if opened is not None else told


def _asked(opened: Opened) -> Iterator[tuple[str, bytes, int | None]]:
    """Yield where each row stands, its receipt of asking, and where the log has that."""
    for number, each in enumerate(opened.entrants, 1):
        yield f"{REQUESTS}, line {number}", each.asked(), each.logged
    for number, turn in enumerate(opened.turns, 1):
        yield f"{KEPT_TURNS}, line {number}", turn.asked, turn.logged
