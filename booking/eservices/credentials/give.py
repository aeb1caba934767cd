"""A wallet that shows its token and its keys gets what was offered, bound to these keys (OpenID4VCI 1.0, section 8)."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell, told_lately
from booking.eservices.credentials.documents import Subject, reread
from booking.eservices.credentials.errors import Refusal, WalletRefusedError
from booking.eservices.credentials.issue import write_in
from booking.eservices.credentials.key_proof import read_key_proof
from booking.eservices.credentials.kinds import is_kind
from booking.eservices.credentials.nonces import spend_nonces
from booking.eservices.credentials.token import token_hash
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, CredentialOffer

MOST_AT_ONCE: Final = 4
"""Credentials that a wallet gets at once, each for a key of its own, so that it can show each of them once."""
NOTICE: Final = "wallet_took"


def give_credentials(core: Core, *, token: str, kind: str, proofs: Sequence[str]) -> list[str]:
    """Give a credential for each proof, and use the token up; of any number at once, exactly one may.

    The owner is told, for whoever had their phone for a minute could have offered it to a wallet of their own.

    Parameters
    ----------
    kind
        The ``credential_configuration_id``.
    proofs
        Key proofs, as they were sent; each of another key.

    Raises
    ------
    WalletRefusedError
        Its ``refusal`` says what of it is not as it must be: the token, the kind, a proof, a nonce; or the document is
        not valid any more.
    SessionsUnavailableError
        The store that remembers what was used does not answer; nothing changed.
    """
    with core.sessions() as session:
        _offer_of(session, core, token)
    if not is_kind(core, kind):
        raise WalletRefusedError(Refusal.UNKNOWN_CONFIGURATION, "there is no such credential")
    if not 0 < len(proofs) <= MOST_AT_ONCE:
        raise WalletRefusedError(Refusal.INVALID_PROOF, f"one proof to {MOST_AT_ONCE} are taken")
    read = [read_key_proof(one, issuer=core.settings.base_url, now=core.clock.now()) for one in proofs]
    if len({one.jwk["x"] for one in read}) < len(read):
        raise WalletRefusedError(Refusal.INVALID_PROOF, "two proofs are of one key")
    spend_nonces(core, {one.nonce for one in read})
    with core.sessions.begin() as session:
        offer = _offer_of(session, core, token)
        subject = Subject(offer.result_id, offer.appointment_id)
        try:
            document = reread(session, core, account_id=offer.account_id, subject=subject)
        except NotFoundError:
            raise WalletRefusedError(Refusal.DENIED, "what was offered is not valid any more") from None
        if document.kind != kind:
            raise WalletRefusedError(Refusal.INVALID_CREDENTIAL_REQUEST, "another credential was offered")
        used = delete(CredentialOffer).where(CredentialOffer.token_hash == token_hash(core, token))
        if session.scalar(used.returning(CredentialOffer.id)) is None:
            raise WalletRefusedError(Refusal.INVALID_TOKEN, "the token was used")
        if not told_lately(session, core, offer.account_id, NOTICE):
            tell(session, core, offer.account_id, NOTICE)
        return [write_in(session, core, document, whole=offer.whole, holder=one.jwk) for one in read]


def _offer_of(session: Session, core: Core, token: str) -> CredentialOffer:
    """Return what a token fetches; raises WalletRefusedError where it does not count any more, or never did."""
    found = session.scalar(
        select(CredentialOffer)
        .join(Account, Account.id == CredentialOffer.account_id)
        .where(
            CredentialOffer.token_hash == token_hash(core, token),
            CredentialOffer.ends_at > core.clock.now(),
            Account.closed_at.is_(None),
        )
    )
    if found is None:
        raise WalletRefusedError(Refusal.INVALID_TOKEN, "the token is unknown, used or over")
    return found
