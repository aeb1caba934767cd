"""A wallet's code becomes a token that fetches a credential once (RFC 6749; OpenID4VCI 1.0, section 6)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import case, delete, literal, update

from booking.country.core.core import Core
from booking.eservices.credentials.errors import Refusal, WalletRefusedError
from booking.eservices.credentials.offer import code_hash, transaction_hash
from booking.platform.models import CredentialOffer

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
