"""A document is offered to a wallet (OpenID4VCI 1.0, pre-authorised code): for some minutes, for one use.

Who sees the offer alone, over somebody's shoulder, has nothing: its transaction code is shown apart. Of both the
database has keyed hashes.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.eservices.credentials.documents import Document, own_pass, own_result
from booking.eservices.credentials.status import ACTION, of_subject
from booking.platform.base.fields import latin_digits
from booking.platform.models import CredentialOffer

OFFER_LASTS: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
CODE_DIGITS: Final = 6
PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
SCHEME: Final = "openid-credential-offer"
_ABOUT: Final = "wallet offer"
_CODE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page shows: the address that opens a wallet, the code that is typed there, and until when both count."""

    address: str
    transaction_code: str
    ends_at: datetime


def offer_result(core: Core, *, account_id: UUID, reference: str, whole: bool, origin: Origin) -> Offer:
    """Offer the result of one's own case; an offer of it from before ends.

    Parameters
    ----------
    whole
        Whether the wallet gets all that the document shows; else nothing that names anybody.

    Raises
    ------
    NotFoundError
        The case is of another account, or has no result that is valid today or will be.
    TooManyAttemptsError
        The account made too many offers.
    """
    return _offer(core, own_result, account_id=account_id, reference=reference, whole=whole, origin=origin)


def offer_pass(core: Core, *, account_id: UUID, reference: str, whole: bool, origin: Origin) -> Offer:
    """Offer the pass of one's own appointment; an offer of it from before ends.

    Parameters
    ----------
    whole
        Whether the wallet gets all that the pass says; else the office and the day.

    Raises
    ------
    NotFoundError
        The appointment is of another account, not confirmed, or over.
    TooManyAttemptsError
        The account made too many offers.
    """
    return _offer(core, own_pass, account_id=account_id, reference=reference, whole=whole, origin=origin)


def end_offers_in(session: Session, account_id: UUID) -> None:
    """End every offer of an account, in the caller's transaction."""
    session.execute(delete(CredentialOffer).where(CredentialOffer.account_id == account_id))


def code_hash(core: Core, code: str) -> bytes:
    """Return the keyed hash by which an offer is found."""
    return core.vault.lookup_hash(code, _ABOUT)


def transaction_hash(core: Core, code: str, typed: str) -> bytes:
    """Return the keyed hash of a transaction code as it was typed, in digits of any script; for this offer alone."""
    digits = latin_digits(typed).replace(" ", "")
    return core.vault.lookup_hash(f"{code}\0{digits}", f"{_ABOUT} transaction code")


def _offer(
    core: Core, own: Callable[..., Document], *, account_id: UUID, reference: str, whole: bool, origin: Origin
) -> Offer:
    charge(core, ACTION, origin.subjects(account=str(account_id)))
    code = secrets.token_urlsafe(_CODE_BYTES)
    typed = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    ends_at = core.clock.now() + OFFER_LASTS
    with core.sessions.begin() as session:
        document = own(session, core, account_id=account_id, reference=reference)
        session.execute(delete(CredentialOffer).where(of_subject(CredentialOffer, document.subject)))
        session.add(
            CredentialOffer(
                account_id=account_id,
                result_id=document.subject.result_id,
                appointment_id=document.subject.appointment_id,
                whole=whole,
                code_hash=code_hash(core, code),
                transaction_hash=transaction_hash(core, code, typed),
                tries_left=MOST_TRIES,
                ends_at=ends_at,
            )
        )
    return Offer(_address(core, document.kind, code), typed, ends_at)


def _address(core: Core, kind: str, code: str) -> str:
    """Write an offer into an address, by value: no other address has to keep it."""
    said = {
        "credential_issuer": core.settings.base_url,
        "credential_configuration_ids": [kind],
        "grants": {
            PRE_AUTHORIZED: {
                "pre-authorized_code": code,
                "tx_code": {"input_mode": "numeric", "length": CODE_DIGITS},
            }
        },
    }
    return f"{SCHEME}://?credential_offer={quote(json.dumps(said, separators=(',', ':')), safe=':/,')}"
