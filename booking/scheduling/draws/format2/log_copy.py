"""A copy of the whole log, as a witness keeps it: its entries, and which receipts of asking replaced which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.archive import WrongError
from booking.transparency.log.checkpoints import BUNDLE, bundle_path, read_bundle
from booking.transparency.log.entries import read_entry
from booking.transparency.log.notes import NoteError
from booking.transparency.witness.mirror import FOLDER

_MOST_BYTES: Final = BUNDLE * (1 << 16) + BUNDLE * 2


@dataclass(frozen=True, slots=True)
class Replaced:
    """That another receipt of asking took the place of one: when (an instant), which one (hex), and the entry."""

    at: str
    by: str
    index: int


class LogCopy:
    """The entries of a copy, read once; whatever is asked first raises WrongError where it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def entries(self) -> list[bytes]:
        """All entries, in their order."""
        return read_log(self._folder)

    @cached_property
    def replaced(self) -> Mapping[bytes, Replaced]:
        """What replaced a receipt, by its bytes.

        Raises
        ------
        WrongError
            A receipt is replaced twice, replaces two, or does not stand before the word on it.
        """
        return _read_replaced(self.entries)


def receipt_entry(receipt: str) -> bytes:
    """Return the entry of a receipt of asking (hex)."""
    return canonical({"receipt": receipt, "type": "receipt"})


def told_of(index: int, entry: bytes) -> dict[str, Any]:
    """Read an entry; raises WrongError."""
    try:
        return read_entry(entry)
    except NoteError as error:
        raise WrongError(f"the log, entry {index}: {error}") from error


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


def _bundle(base: Path, number: int) -> Path | None:
    """Return the file of a bundle, the longest where it is not full; None where there is none."""
    full = base / bundle_path(number, BUNDLE)
    if full.is_file():
        return full
    parts = full.with_name(f"{full.name}.p")
    widths = [int(path.name) for path in parts.glob("*") if re.fullmatch("[1-9][0-9]{0,2}", path.name)]
    return parts / str(max(widths)) if widths else None


def _read_replaced(entries: Sequence[bytes]) -> dict[bytes, Replaced]:
    where = {entry: index for index, entry in enumerate(entries)}
    found: dict[bytes, Replaced] = {}
    successors: set[str] = set()
    for index, entry in enumerate(entries):
        if b'"type":"replaced"' not in entry:
            continue
        told = told_of(index, entry)
        old, new = (where.get(receipt_entry(told[name]), index) for name in ("receipt", "by"))
        if bytes.fromhex(told["receipt"]) in found or told["by"] in successors:
            raise WrongError(f"the log, entry {index}: a receipt has two successors, or takes the place of two")
        if not old < new < index:
            raise WrongError(f"the log, entry {index}: one of its receipts does not stand before it")
        found[bytes.fromhex(told["receipt"])] = Replaced(told["at"], told["by"], index)
        successors.add(told["by"])
    return found
