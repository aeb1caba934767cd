"""Rows of the line cut into columns, tens of thousands at a time, where all of them are in their usual spelling.

Where one is not, none of them is: whoever reads them row by row says what is wrong with it, or that nothing is.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from booking.scheduling.draws.format2.tables import MOST_ROWS
from booking.scheduling.draws.leaf import MOST_PRIORITY, PSEUDONYM_BYTES, RECEIPT_BYTES

AT_ONCE: Final = 1 << 16
_COMMA: Final = ord(",")
_MOST_DIGITS: Final = 10
_NO_DIGIT: Final = 255
_PERSON, _RECEIPT = 2 * PSEUDONYM_BYTES, 2 * RECEIPT_BYTES


def _values(digits: bytes) -> NDArray[np.uint8]:
    table = np.full(256, _NO_DIGIT, np.uint8)
    table[np.frombuffer(digits, np.uint8)] = np.arange(len(digits))
    return table


_DECIMAL, _HEXADECIMAL = _values(b"0123456789"), _values(b"0123456789abcdef")


@dataclass(frozen=True, eq=False)
class CutRows:
    """Columns of n rows: ``priority`` and ``position`` (-1 before the draw), int64; ``served``, bool; the others bytes.

    ``person``: uint8 (n, 16); ``receipt``, ``before``: uint8 (n, 32), the last where ``linked``, bool (n,).
    """

    priority: NDArray[np.int64]
    person: NDArray[np.uint8]
    receipt: NDArray[np.uint8]
    before: NDArray[np.uint8]
    linked: NDArray[np.bool_]
    position: NDArray[np.int64]
    served: NDArray[np.bool_]


def cut_rows(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], first: int, *, whole: bool
) -> CutRows | None:
    """Cut the rows ``text[starts[i]:ends[i]]``, whose numbers count from ``first`` on; None where one is not usual.

    Parameters
    ----------
    text
        uint8, a table's bytes.
    whole
        The rows end in a position and in whether they are served.
    """
    ends, position, served = ends.copy(), np.full(starts.size, -1, np.int64), np.zeros(starts.size, np.bool_)
    if np.any(ends - starts < _PERSON + _RECEIPT):
        return None
    sound = np.ones(starts.size, np.bool_)
    if whole:
        served = text[ends - 1] == ord("1")
        sound &= (served | (text[ends - 1] == ord("0"))) & (text[ends - 2] == _COMMA)
        size = _digits_before(text, ends - 2)
        position = _number(text, ends - 2 - size, size)
        ends -= size + 3
        sound &= (text[ends] == _COMMA) & (position >= 0) & (position <= MOST_ROWS)
    number = np.arange(first, first + starts.size)
    digits = np.searchsorted(10 ** np.arange(1, _MOST_DIGITS), number, side="right") + 1
    person = starts + digits + 1
    linked = text[ends - 1] != _COMMA
    receipt = ends - 1 - _RECEIPT - np.where(linked, _RECEIPT, 0)
    size = receipt - person - _PERSON - 2
    if not np.all(sound & (size > 0) & (size <= _MOST_DIGITS)):
        return None
    priority = _number(text, person + _PERSON + 1, size)
    sound = (_number(text, starts, digits) == number) & (priority >= 0) & (priority <= MOST_PRIORITY)
    for comma in (person - 1, person + _PERSON, receipt - 1, receipt + _RECEIPT):
        sound &= text[comma] == _COMMA
    found = CutRows(
        priority=priority,
        person=_bytes(text, person, _PERSON),
        receipt=_bytes(text, receipt, _RECEIPT),
        before=_bytes(text, np.where(linked, receipt + _RECEIPT + 1, receipt), _RECEIPT),
        linked=linked,
        position=position,
        served=served,
    )
    read = found.person.size and found.receipt.size and found.before.size
    return found if read and np.all(sound) else None


def cut_table(content: bytes, header: bytes, *, most: int | None, whole: bool) -> CutRows | None:
    """Cut all rows of a table, at most so many, whose receipts rise; None where they do not, or as `cut_rows`."""
    if not content.startswith(header) or not content.endswith(b"\n") or len(content) == len(header):
        return None
    text = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    if most is not None and ends.size - 1 > most:
        return None
    cut = []
    for first in range(0, ends.size - 1, AT_ONCE):
        last = min(first + AT_ONCE, ends.size - 1)
        rows = cut_rows(text, ends[first:last] + 1, ends[first + 1 : last + 1], first, whole=whole)
        if rows is None:
            return None
        cut.append(rows)
    names = [each.name for each in fields(CutRows)]
    found = CutRows(**{name: np.concatenate([getattr(rows, name) for rows in cut]) for name in names})
    return found if _rises(found.receipt) else None


def _rises(receipts: NDArray[np.uint8]) -> bool:
    """Return whether each row of bytes is above the one before it."""
    parts = receipts.view(">u8")
    above, same = np.zeros(len(parts) - 1, np.bool_), np.ones(len(parts) - 1, np.bool_)
    for part in range(parts.shape[1]):
        before, after = parts[:-1, part], parts[1:, part]
        above |= same & (after > before)
        same &= after == before
    return bool(np.all(above))


def _digits_before(text: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the digits that stand before some places, up to `_MOST_DIGITS`."""
    steps = np.arange(1, _MOST_DIGITS + 1)
    others = _DECIMAL[text[ends[:, None] - steps]] == _NO_DIGIT
    return np.where(others.any(axis=1), others.argmax(axis=1), _MOST_DIGITS)


def _number(text: NDArray[np.uint8], starts: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Read numbers of so many digits; -1 where it is none, or begins with a zero too many."""
    value, wrong = np.zeros(starts.size, np.int64), size < 1
    for step in range(int(size.max(initial=0))):
        within = step < size
        digit = _DECIMAL[text[np.where(within, starts + step, starts)]]
        wrong |= within & (digit == _NO_DIGIT)
        value = np.where(within, value * 10 + digit, value)
    wrong |= (size > 1) & (text[starts] == ord("0"))
    return np.where(wrong, -1, value)


def _bytes(text: NDArray[np.uint8], starts: NDArray[np.int64], digits: int) -> NDArray[np.uint8]:
    """Read bytes in so many hexadecimal digits, uint8 (n, digits / 2); none at all where one of them is no digit."""
    values = _HEXADECIMAL[text[starts[:, None] + np.arange(digits)]]
    if np.any(values == _NO_DIGIT):
        return np.empty(0, np.uint8)
    found: NDArray[np.uint8] = values[:, ::2] << 4 | values[:, 1::2]
    return found
