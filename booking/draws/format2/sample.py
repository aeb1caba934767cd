"""A risk-limiting audit: so few lines, picked by a beacon, that would show one wrong line in a thousand.

Source: Lindeman and Stark, A gentle introduction to risk-limiting audits (2012), for the idea; the number here is that
of drawing without replacement (hypergeometric), so it is exact for every size of draw.
"""

import hmac
from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Final

from booking.beacons import terms
from booking.beacons.errors import BeaconError
from booking.beacons.values import value_of
from booking.draws.checks import Check, WrongError, made
from booking.draws.files import REQUESTS
from booking.draws.format2.everyone import Published, checks_for_everyone, read_published
from booking.draws.format2.names import LINE, RESULT
from booking.draws.format2.observers import Opened, open_leaf, places, read_opened
from booking.draws.format2.standing import fixed_before
from booking.draws.format2.trust import NOBODY

WRONG_SHARE: Final = Fraction(1, 1000)
"""The share of wrong lines that the sample is made to find."""
MISSED: Final = Fraction(1, 1000)
"""How likely it is at most to find none of so many."""


def wrong_lines(lines: int) -> int:
    """Return how many wrong lines the sample of a draw of so many lines is made to find: one in a thousand, or one."""
    return -(-lines * WRONG_SHARE.numerator // WRONG_SHARE.denominator)


def sample_size(lines: int) -> int:
    """Return the fewest lines to open so that so many wrong ones are all missed at most once in a thousand times.

    That is the least n with C(N - b, n) / C(N, n) <= 0.001 for N lines, b of them wrong.
    """
    wrong = wrong_lines(lines)
    low, high = 0, lines
    while low < high:
        middle = (low + high) // 2
        if chance_to_miss(lines, wrong, middle) <= MISSED:
            high = middle
        else:
            low = middle + 1
    return low


def chance_to_miss(lines: int, wrong: int, opened: int) -> Fraction:
    """Return how likely it is that none of the wrong lines is among those that are opened, exactly.

    C(N - b, n) / C(N, n) = C(N - n, b) / C(N, b), which is a product of b fractions.
    """
    chance = Fraction(1)
    above = below = 1
    for number in range(wrong):
        above *= lines - opened - number
        below *= lines - number
    return chance * Fraction(max(above, 0), below) if opened <= lines - wrong else Fraction(int(not wrong))


def picks(value: bytes, result_hash: bytes, lines: int, count: int) -> list[int]:
    """Return which leaves a beacon's value picks for the audit of a result, in the order in which it does."""
    picked: dict[int, None] = {}
    key, number = value + result_hash, 0
    while len(picked) < min(count, lines):
        pick = hmac.digest(key, f"mawid-audit\n{number}".encode(), sha256)
        picked[int.from_bytes(pick, "big") % lines] = None
        number += 1
    return list(picked)


def audit_checks(files: Mapping[str, bytes], signature: bytes | None) -> Iterator[Check]:
    """Say how many lines are to be opened, which ones the beacon picks, and open them.

    Parameters
    ----------
    files
        The files of a draw; lines are opened where those of observers are among them.
    signature
        The beacon's for the audit; None where it is not known yet.

    Raises
    ------
    DamagedFileError
        A file cannot be read.
    """
    draw = read_published(files)
    wrong = [(right, words) for right, words in checks_for_everyone(draw, NOBODY) if not right]
    yield from wrong
    if wrong:
        return
    lines = len(draw.line)
    size, found = sample_size(lines), wrong_lines(lines)
    missed = "all of them are missed at most once in a thousand times"
    yield True, f"of {lines} lines {size} are to be opened: if {found} or more are wrong, {missed}"
    if signature is None:
        yield True, _where(draw)
        return
    result_hash = sha256(draw.standing.entries[RESULT]).digest()
    yield made(lambda: fixed_before(draw.standing))
    try:
        terms.check_audit(draw.statement["beacon"], draw.standing.result["audit"], result_hash, signature)
    except BeaconError as error:
        yield False, f"the signature: {error}"
        return
    picked = picks(value_of(signature), result_hash, lines, size)
    yield True, f"the beacon picks the leaves {' '.join(map(str, picked))} of {LINE}"
    if REQUESTS in files:
        yield from _opened(read_opened(draw), picked)


def _where(draw: Published) -> str:
    audit = draw.standing.result["audit"]
    if audit is None:
        return "which ones: the group of witnesses signs for the result; give its signature"
    return f"which ones: the beacon's round {audit['round']} says; give its signature"


def _opened(opened: Opened, picked: list[int]) -> Iterator[Check]:
    """Open the picked lines: each wrong one is named."""
    places_right = made(lambda: places(opened))
    yield places_right
    if not places_right[0]:
        return
    wrong = []
    for leaf in picked:
        try:
            open_leaf(opened, leaf)
        except WrongError as error:
            wrong.append(str(error))
    yield from ((False, words) for words in wrong)
    yield not wrong, f"{len(picked) - len(wrong)} of {len(picked)} lines that were opened are right"
