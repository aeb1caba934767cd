"""Entries as a log, or a witness that has a copy of it, hands them out in bundles (C2SP tlog-tiles)."""

from typing import Final

from booking.transparency.log.bundles import BUNDLE, bundle_path, read_bundle
from booking.transparency.log.notes import NoteError
from booking.transparency.witness.line import Line

MOST_AT_ONCE: Final = 1 << 30
"""Bytes of entries that are fetched at once; who claims more is not believed."""


def fetch(line: Line, first: int, size: int) -> list[bytes] | None:
    """Return the entries from ``first`` on; None where not all of them are handed out.

    Raises
    ------
    booking.transparency.witness.line.LineError
        There is no answer.
    """
    found: list[bytes] = []
    total = 0
    for begin in range(first - first % BUNDLE, size, BUNDLE) if first < size else ():
        width = min(BUNDLE, size - begin)
        bundle = _bundle(line, begin // BUNDLE, width)
        if bundle is None:
            return None
        found += bundle[max(0, first - begin) : width]
        total += sum(map(len, bundle))
        if total > MOST_AT_ONCE:
            return None
    return found


def _bundle(line: Line, number: int, width: int) -> list[bytes] | None:
    """Return a bundle; the full one serves as well where the partial one is gone."""
    for path in dict.fromkeys((bundle_path(number, width), bundle_path(number, BUNDLE))):
        answer = line.get(path)
        if answer.there:
            try:
                entries = read_bundle(answer.body)
            except NoteError:
                return None
            return entries if len(entries) >= width else None
    return None
