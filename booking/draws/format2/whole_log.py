"""What only the whole log shows: that it holds one statement of a draw, and every receipt where a request names it."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from allocation import lottery
from booking.base.exact_json import canonical
from booking.draws.checks import WrongError
from booking.draws.files import REQUESTS
from booking.draws.format2.names import KEPT_TURNS, PROOFS, RESULT
from booking.draws.format2.observers import Opened
from booking.draws.format2.standing import Standing
from booking.draws.format2.trust import outside_head
from booking.transparency.bundles import BUNDLE, bundle_path, read_bundle
from booking.transparency.entries import read_entry
from booking.transparency.notes import NoteError
from booking.witness.mirror import FOLDER

_ONCE: Final = ("announcement", "statement", "result")
_GIVES_UP: Final = (b'"type":"statement"', b'"type":"abandoned"')
_MOST_BYTES: Final = BUNDLE * (1 << 16) + BUNDLE * 2


def read_log(folder: Path) -> list[bytes]:
    """Read a copy of the log's entries: a witness's folder, or what the log serves, saved.

    Raises
    ------
    WrongError
        A file cannot be read, or is none of such a copy.
    """
    base = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    entries: list[bytes] = []
    for number in count():
        path = _bundle(base, number)
        if path is None:
            return entries
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise WrongError(f"{path.name} is larger than a bundle of entries can be")
            found = read_bundle(path.read_bytes())
        except (OSError, NoteError) as error:
            raise WrongError(f"the copy of the log, {path.name}: {error}") from error
        entries += found
        if len(found) < BUNDLE:
            return entries
    return entries


def log_checks(
    standing: Standing, opened: Opened | None, folder: Path, checkpoint: bytes | None
) -> Iterator[Callable[[], str]]:
    """Give the checks of a draw, and of a checkpoint from outside, against a copy of the whole log."""
    entries: list[bytes] = []

    def same() -> str:
        entries.extend(read_log(folder))
        return _same_log(standing, entries, checkpoint)

    yield same
    yield lambda: _once(standing, entries)
    yield lambda: _given_up(standing, entries)
    if opened is not None:
        yield lambda: _receipts(opened, entries)


def _bundle(base: Path, number: int) -> Path | None:
    """Return the file of a bundle, the longest where it is not full; None where there is none."""
    full = base / bundle_path(number, BUNDLE)
    if full.is_file():
        return full
    parts = full.with_name(f"{full.name}.p")
    widths = [int(path.name) for path in parts.glob("*") if re.fullmatch("[1-9][0-9]{0,2}", path.name)]
    return parts / str(max(widths)) if widths else None


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
        try:
            told = read_entry(entry)
        except NoteError as error:
            raise WrongError(f"the log, entry {index}: {error}") from error
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
        try:
            told = read_entry(entry)
        except NoteError as error:
            raise WrongError(f"the log, entry {index}: {error}") from error
        if told["type"] == "statement":
            closed.add(told["reference"])
        elif told["type"] == "abandoned" and told["reference"] in closed:
            given_up.append(f"{told['reference']} ({told['reason']})")
    if not given_up:
        return "no draw was given up after its closing before this one had its result"
    return f"before this one draws were given up after their closing, ask why: {', '.join(given_up)}"


def _receipts(opened: Opened, entries: Sequence[bytes]) -> str:
    asked = [(REQUESTS, number, each.asked(), each.logged) for number, each in enumerate(opened.entrants, 1)]
    outside = [(KEPT_TURNS, number, each.asked, each.logged) for number, each in enumerate(opened.turns, 1)]
    for name, number, receipt, logged in (*asked, *outside):
        if logged is not None and entries[logged] != canonical({"receipt": receipt.hex(), "type": "receipt"}):
            raise WrongError(f"{name}, line {number}: the log does not hold its receipt at {logged}")
    return f"the log holds the receipt of each of {len(asked) + len(outside)} rows where it is named"
