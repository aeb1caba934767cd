"""The sample that an audit of a draw opens: how many lines, which ones the beacon picks, and audit.json with its value.

Source: Lindeman and Stark, A gentle introduction to risk-limiting audits (2012), for the idea; the number here is that
of drawing without replacement (hypergeometric), so it is exact for every size of draw.
"""

import hmac
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.format2.tables import AUDIT, LINE, RESULT, read_value, value_facts
from booking.scheduling.draws.format2.trust import Standing, fixed_before
from booking.scheduling.draws.formats import DamagedFileError, hexadecimal
from booking.transparency.beacons import terms
from booking.transparency.beacons.errors import BeaconError

WRONG_SHARE: Final = Fraction(1, 1000)
"""The share of wrong lines that the sample is made to find."""
MISSED: Final = Fraction(1, 1000)
"""How likely it is at most to find none of so many."""


def wrong_lines(lines: int) -> int:
    """Return how many wrong lines the sample of a draw of so many lines is made to find: one in a thousand, or one."""
    return -(-lines * WRONG_SHARE.numerator // WRONG_SHARE.denominator)


@lru_cache(maxsize=64)
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


def audit_signature(files: Mapping[str, bytes]) -> bytes | None:
    """Return the signature that audit.json holds; None where it is not there.

    Raises
    ------
    DamagedFileError
        The file is there and spelled in another way.
    """
    return bytes.fromhex(read_audit(files)["signature"]) if AUDIT in files else None


def write_audit(statement: Mapping[str, Any], result: Mapping[str, Any], result_hash: bytes, signature: bytes) -> bytes:
    """Write audit.json; the same bytes, whoever writes it, since a result has one right signature alone."""
    round_ = result["audit"]["round"] if result["audit"] else None
    return one_line(value_facts(statement, round_, signature) | {"result": result_hash.hex()})


def read_audit(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Read audit.json.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, or says what such a file cannot say.
    """
    audit = read_value(files, AUDIT, "result")
    try:
        hexadecimal(audit["result"], 32)
    except ValueError as error:
        raise DamagedFileError(f"{AUDIT}: {error}") from error
    return audit


def check_signature(standing: Standing, signature: bytes) -> None:
    """Check that a signature is the one that picks the sample of this result.

    Raises
    ------
    booking.transparency.beacons.errors.BeaconError
        It is not; the message says why.
    """
    terms.check_audit(standing.statement["beacon"], standing.result["audit"], result_hash_of(standing), signature)


def check_audit(standing: Standing, audit: Mapping[str, Any], lines: int) -> str:
    """Check that audit.json holds the value of this result's sample, and say how many lines it picks.

    Raises
    ------
    WrongError
        It is of another draw, result, beacon or round, or the signature is not the right one.
    """
    signature = bytes.fromhex(audit["signature"])
    found = write_audit(standing.statement, standing.result, result_hash_of(standing), signature)
    if one_line(dict(audit)) != found:
        raise WrongError(f"{AUDIT} is of another draw, result, beacon or round")
    try:
        check_signature(standing, signature)
    except BeaconError as error:
        raise WrongError(f"{AUDIT}: {error}") from error
    doubt = ""
    try:
        fixed_before(standing)
    except WrongError as error:
        doubt = f"; but the sample does not count: {error}"
    return f"the value in {AUDIT} picks {sample_size(lines)} of {lines} lines of {LINE} for observers to open{doubt}"


def result_hash_of(standing: Standing) -> bytes:
    """Return the SHA-256 of the result's entry, 32 bytes."""
    return sha256(standing.entries[RESULT]).digest()
