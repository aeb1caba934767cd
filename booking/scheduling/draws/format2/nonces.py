"""What follows from a request's secret, anew for each draw, so that its rows in two draws cannot be linked.

The *base nonce* is the nonce of the wish as it was asked: its owner has it, on the receipt.
"""

from functools import lru_cache

from booking.platform.base.keyed_hash import keyed_hash
from booking.scheduling.requests.receipt import NONCE_BYTES


def draw_nonce(base: bytes, reference: str) -> bytes:
    """Return the nonce of the wish in the line of a draw."""
    return _derived(base, "mawid-draw-nonce", reference)


def turn_nonce(base: bytes, reference: str) -> bytes:
    """Return the nonce of a turn that is kept outside the line of a draw."""
    return _derived(base, "mawid-turn-nonce", reference)


def link_salt(base: bytes, reference: str) -> bytes:
    """Return what hides which earlier row a row of a draw points to."""
    return _derived(base, "mawid-link-salt", reference)


def place_salt(base: bytes, reference: str) -> bytes:
    """Return what hides which place a draw gave."""
    return _derived(base, "mawid-place-salt", reference)


def night_nonce(base: bytes, reference: str) -> bytes:
    """Return the nonce of a wish for another appointment in the file of a night of the exchange."""
    return _derived(base, "mawid-exchange-nonce", reference)


def _derived(base: bytes, use: str, reference: str) -> bytes:
    return keyed_hash(base, _message(use, reference))[:NONCE_BYTES]


@lru_cache(64)
def _message(use: str, reference: str) -> bytes:
    return f"{use}\n{reference}".encode()
