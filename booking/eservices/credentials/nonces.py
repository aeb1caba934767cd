"""Random values that a wallet signs once (``c_nonce``): anybody can have them made, so nothing is kept of them before.

A value says when it was made, and a keyed hash that it is ours. Only that it was used is kept, until it is too old.
"""

import hmac
import secrets
from collections.abc import Collection
from typing import Final

from booking.country.core import single_use
from booking.country.core.core import Core
from booking.eservices.credentials.errors import Refusal, WalletRefusedError
from booking.platform.base.base64url import decoded, encoded

_PURPOSE: Final = "wallet nonce"
_TIME, _RANDOM = 8, 16


def new_nonce(core: Core) -> str:
    """Make a value, which lives as long as a one-time code."""
    said = int(core.clock.now().timestamp()).to_bytes(_TIME) + secrets.token_bytes(_RANDOM)
    return encoded(said + core.vault.lookup_hash(said.hex(), _PURPOSE))


def spend_nonces(core: Core, nonces: Collection[str]) -> None:
    """Use values up; of any number who bring the same one at once, exactly one may.

    Raises
    ------
    WalletRefusedError
        One is not ours, too old, or was used: ``invalid_nonce``.
    SessionsUnavailableError
        The store that remembers what was used does not answer.
    """
    values = [_read(core, one) for one in nonces]
    fresh = [single_use.spend(core, _PURPOSE, "", one) for one in values]
    if not all(fresh):
        raise WalletRefusedError(Refusal.INVALID_NONCE, "the nonce was used before")


def _read(core: Core, text: str) -> bytes:
    try:
        value = decoded(text)
    except ValueError:
        value = b""
    said, mark = value[: _TIME + _RANDOM], value[_TIME + _RANDOM :]
    age = core.clock.now().timestamp() - int.from_bytes(said[:_TIME])
    if not hmac.compare_digest(mark, core.vault.lookup_hash(said.hex(), _PURPOSE)):
        raise WalletRefusedError(Refusal.INVALID_NONCE, "the nonce is none of ours")
    if age >= core.settings.otp_lifetime.total_seconds():
        raise WalletRefusedError(Refusal.INVALID_NONCE, "the nonce is too old")
    return value
