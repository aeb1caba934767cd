"""One-time codes: made, kept as a keyed hash, compared in constant time, a bounded number of times.

Pure functions: who sends the code and where the kept part is stored is the caller's business.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ATTEMPTS: Final = 5
DIGITS: Final = 6
LIFETIME: Final = timedelta(minutes=10)
_FEWEST_DIGITS, _MOST_DIGITS = 4, 12
_LATIN: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789", " -\u200e\u200f")


class CodeResult(StrEnum):
    """What came of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class KeptCode:
    """What is stored of a code. ``attempts_left`` reaches 0 when it was used, or was typed wrongly too often."""

    digest: bytes
    expires_at: datetime
    attempts_left: int


def new_code(
    *,
    key: bytes,
    purpose: str,
    now: datetime,
    digits: int = DIGITS,
    lifetime: timedelta = LIFETIME,
    attempts: int = ATTEMPTS,
) -> tuple[str, KeptCode]:
    """Make a code from the system's secure source.

    Parameters
    ----------
    key
        Secret of the installation; without it the kept digest cannot be searched for the few possible codes.
    purpose
        What the code may do and for whom, as in ``"confirm-phone:<account>:<phone>"``. It fits nothing else.

    Returns
    -------
    tuple
        The code to send, in Latin digits, and what to keep.
    """
    if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise ValueError(f"a code has {_FEWEST_DIGITS} to {_MOST_DIGITS} digits")
    if attempts < 1:
        raise ValueError("a code needs at least one attempt")
    code = f"{secrets.randbelow(10**digits):0{digits}}"
    return code, KeptCode(_digest(key, purpose, code), now + lifetime, attempts)


def check_code(kept: KeptCode, typed: str, *, key: bytes, purpose: str, now: datetime) -> tuple[CodeResult, KeptCode]:
    """Compare what was typed, in Latin or Arabic-Indic digits, with a kept code.

    Returns
    -------
    tuple
        The result, and what to keep from now on. Store it whatever the result, under the same lock as the reading:
        it holds the attempts left, and a right code is spent.
    """
    if kept.attempts_left <= 0:
        return CodeResult.EXHAUSTED, kept
    if now >= kept.expires_at:
        return CodeResult.EXPIRED, kept
    code = typed[: 4 * _MOST_DIGITS].translate(_LATIN)
    if hmac.compare_digest(_digest(key, purpose, code), kept.digest):
        return CodeResult.RIGHT, replace(kept, attempts_left=0)
    return CodeResult.WRONG, replace(kept, attempts_left=kept.attempts_left - 1)


def _digest(key: bytes, purpose: str, code: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{code}".encode(errors="replace"), "sha256")
