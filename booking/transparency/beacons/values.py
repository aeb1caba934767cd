"""What a beacon signs, what its value is, and when a round of drand comes: format 2 of a draw, exact to the byte."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

DRAND_DST: Final = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
WITNESSES_DST: Final = b"MAWID_WITNESSES_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"

QUICKNET_CHAIN: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
QUICKNET_KEY: Final = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
QUICKNET_GENESIS: Final = 1_692_803_367
QUICKNET_PERIOD: Final = 3

AFTER_CLOSING: Final = timedelta(seconds=600)
"""Between the end of a window, or a result, and the round that decides about it: time to fix and witness it."""

LAST_ROUND: Final = 2**53 - 1

_WITNESS_ROUND: Final = b"mawid-witness-round-v1\n"
_WITNESS_AUDIT: Final = b"mawid-audit-round-v1\n"


def round_message(number: int) -> bytes:
    """Return what drand signs in a round: SHA-256 of its number as 8 bytes, the most significant first."""
    return sha256(number.to_bytes(8, "big")).digest()


def statement_message(statement_hash: bytes) -> bytes:
    """Return what witnesses sign for a draw, from the SHA-256 of its closing statement."""
    return sha256(_WITNESS_ROUND + statement_hash).digest()


def audit_message(result_hash: bytes) -> bytes:
    """Return what witnesses sign for the audit sample of a draw, from the SHA-256 of its result."""
    return sha256(_WITNESS_AUDIT + result_hash).digest()


def value_of(signature: bytes) -> bytes:
    """Return the value of a beacon, 32 bytes: SHA-256 of its signature."""
    return sha256(signature).digest()


def round_time(number: int, *, genesis: int, period: int) -> datetime:
    """Return when a round of drand comes out; OverflowError or ValueError where no calendar has that day."""
    return datetime.fromtimestamp(genesis + (number - 1) * period, UTC)


def round_after(instant: datetime, *, genesis: int, period: int) -> int:
    """Return the round that decides about what was fixed at an instant: the first one ten minutes later or after."""
    # Since the genesis: a span, as the calendar may end where a sum would lead.
    since = instant - datetime.fromtimestamp(genesis, UTC) + AFTER_CLOSING
    return max(1, 1 - (-since // timedelta(seconds=period)))
