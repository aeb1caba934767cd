"""A wallet's code becomes a token that fetches a credential once (RFC 6749; OpenID4VCI 1.0, section 6).

Random values that a wallet signs once (``c_nonce``): anybody can have them made, so nothing is kept of them before.

A value says when it was made, and a keyed hash that it is ours. Only that it was used is kept, until it is too old.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import case, delete, literal, update

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.eservices.credentials.offer import code_hash, transaction_hash
from booking.platform.base.errors import MawidError
from booking.platform.base.references import decoded, encoded
from booking.platform.models import CredentialOffer


class Refusal(StrEnum):
    """An error code that wallets know."""

    INVALID_REQUEST = "invalid_request"
    INVALID_GRANT = "invalid_grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_AUTHORIZATION_DETAILS = "invalid_authorization_details"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a word of the standard
    INVALID_CREDENTIAL_REQUEST = "invalid_credential_request"
    UNKNOWN_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    DENIED = "credential_request_denied"


class WalletRefusedError(MawidError):
    """A wallet asks for what it cannot have; ``refusal`` is the standard's word, the message is for its makers."""

    code = "wallet_refused"

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal = refusal


TOKEN_LASTS: Final = timedelta(minutes=5)
_ABOUT: Final = "wallet token"
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, and for how many seconds it counts."""

    text: str
    seconds: int


def exchange_code(core: Core, *, code: str, transaction_code: str) -> Token:
    """Use an offer's code up, with the transaction code from its page; of any number at once, exactly one may.

    A wrong transaction code takes one of the offer's tries. When the right one comes again, two have both: then the
    token of the first ends too, where it was not used yet.

    Raises
    ------
    WalletRefusedError
        The code is unknown, used or over, or the transaction code is wrong; of the standard's ``invalid_grant``.
    """
    text, now = secrets.token_urlsafe(_BYTES), core.clock.now()
    found = CredentialOffer.code_hash == code_hash(core, code)
    right = CredentialOffer.transaction_hash == transaction_hash(core, code, transaction_code)
    until = literal(now + TOKEN_LASTS, CredentialOffer.ends_at.type)  # or its time zone would be lost
    use = (
        update(CredentialOffer)
        .where(
            found, CredentialOffer.token_hash.is_(None), CredentialOffer.tries_left > 0, CredentialOffer.ends_at > now
        )
        .values(
            tries_left=CredentialOffer.tries_left - 1,
            token_hash=case((right, token_hash(core, text)), else_=None),
            ends_at=case((right, until), else_=CredentialOffer.ends_at),
        )
        .returning(CredentialOffer.token_hash)
        .execution_options(synchronize_session=False)
    )
    with core.sessions.begin() as session:
        used = session.execute(use).one_or_none()
        if used is None:
            session.execute(delete(CredentialOffer).where(found, CredentialOffer.token_hash.is_not(None), right))
    if used is None or used.token_hash is None:
        raise WalletRefusedError(Refusal.INVALID_GRANT, "the code or the transaction code is wrong, used or over")
    return Token(text, int(TOKEN_LASTS.total_seconds()))


def token_hash(core: Core, token: str) -> bytes:
    """Return the keyed hash by which a token is found."""
    return core.vault.lookup_hash(token, _ABOUT)


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
    fresh = [sessions.spend(core, _PURPOSE, "", one) for one in values]
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
