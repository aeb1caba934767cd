"""An installation's own group of one: no beacon for anybody who does not trust it, and quick to try things with.

Whoever has the installation's secret knows the value of every statement at once. So it is for development, tests and
demonstrations only.
"""

from hashlib import sha512
from typing import Any

from booking.platform.base.vault import Vault
from booking.transparency.beacons import bls
from booking.transparency.beacons.terms import ALONE
from booking.transparency.beacons.values import WITNESSES_DST


def secret_of(vault: Vault) -> int:
    """Return the secret of the group of one, an integer below the order of the curve."""
    return int.from_bytes(sha512(vault.key("beacon")).digest(), "big") % (bls.ORDER - 1) + 1


def own_terms(vault: Vault) -> dict[str, Any]:
    """Return the ``beacon`` of an announcement whose value this installation makes itself."""
    return {"kind": "witnesses", "key": bls.public_key(secret_of(vault)).hex(), "need": 1, "of": [ALONE]}


def sign(vault: Vault, message: bytes) -> bytes:
    """Return the signature of the group of one for a message of `booking.transparency.beacons.values`."""
    return bls.sign(secret_of(vault), message, dst=WITNESSES_DST)
