"""A wallet that shows its token and its keys gets what was offered, bound to these keys (OpenID4VCI 1.0, section 8)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell, told_lately
from booking.country.core.security import Origin
from booking.country.packs.service import ABOUT_THE_HOLDER, ServiceSpec
from booking.eservices.credentials.documents import Document, Subject, first_second, own_pass, own_result, reread
from booking.eservices.credentials.key_proof import read_key_proof
from booking.eservices.credentials.keys import issuer_key
from booking.eservices.credentials.offer import PRE_AUTHORIZED
from booking.eservices.credentials.sd_jwt import (
    ALGORITHM,
    CREDENTIAL,
    KIND,
    NONCE,
    OF_EVERY_RESULT,
    PASS,
    TOKEN,
    claim_of,
    list_address,
    show_only,
    type_address,
    write,
)
from booking.eservices.credentials.status import ACTION, end_given, of_subject, take_place
from booking.eservices.credentials.token import Refusal, WalletRefusedError, spend_nonces, token_hash
from booking.eservices.online.issue import HOLDER_LABELS
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, CredentialOffer


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as a file, and the number of its result."""

    number: str
    text: str


def issue_credential(core: Core, *, account_id: UUID, reference: str, with_name: bool, origin: Origin) -> Credential:
    """Make a credential of the result of one's own case as a file, which is bound to no key; another one each time.

    Parameters
    ----------
    with_name
        Whether all that the document shows comes with it, to be shown or left out by the wallet; else nobody can learn
        more from it than of what kind it is and when it is valid.

    Raises
    ------
    NotFoundError
        The case is of another account, or has no result that is valid today or will be.
    TooManyAttemptsError
        The account took too many: each that it ends keeps a place in the lists that every gate fetches.
    """
    charge(core, ACTION, origin.subjects(account=str(account_id)))
    with core.sessions.begin() as session:
        document = own_result(session, core, account_id=account_id, reference=reference)
        return Credential(document.number, write_in(session, core, document, whole=with_name))


def write_in(
    session: Session, core: Core, document: Document, *, whole: bool, holder: Mapping[str, str] | None = None
) -> str:
    """Write one more credential of a locked document, in the caller's transaction.

    Parameters
    ----------
    holder
        The public key of the wallet to which it is bound; None binds it to none.
    """
    base, zone = core.settings.base_url, ZoneInfo(core.pack.country.time_zone)
    number, position = take_place(session, core.clock.now(), document)
    claims: Mapping[str, Any] = {
        "iss": base,
        "vct": type_address(base, document.kind),
        "iat": first_second(core.today(), zone),  # the day alone: two people who compare credentials learn no moment
        "nbf": document.begins,
        **({} if document.until is None else {"exp": document.until}),
        "status": {"status_list": {"idx": position, "uri": list_address(base, number)}},
        **({} if holder is None else {"cnf": {"jwk": dict(holder)}}),
    }
    text = write(claims, document.hidden, issuer_key(core.vault), kind=KIND)
    return text if whole else show_only(text, document.nameless)


def end_result(core: Core, *, account_id: UUID, reference: str) -> None:
    """End all credentials of the result of one's own case: a phone was lost. The result itself goes on.

    Raises
    ------
    NotFoundError
        As `issue_credential`.
    """
    with core.sessions.begin() as session:
        document = own_result(session, core, account_id=account_id, reference=reference)
        end_given(session, core.clock.now(), partial(of_subject, subject=document.subject))


def end_pass(core: Core, *, account_id: UUID, reference: str) -> None:
    """End all credentials of one's own appointment, which itself goes on.

    Raises
    ------
    NotFoundError
        The appointment is of another account, not confirmed, or over.
    """
    with core.sessions.begin() as session:
        document = own_pass(session, core, account_id=account_id, reference=reference)
        end_given(session, core.clock.now(), partial(of_subject, subject=document.subject))


Said = Mapping[str, str]
"""Words by language."""

_ALWAYS: Final[Mapping[str, tuple[str, str]]] = {
    "holder": ("صاحب الوثيقة", "Holder"),
    "number": ("رقم الوثيقة", "Document number"),
    "issued-on": ("صدرت في", "Issued on"),
}
_OF_A_PASS: Final[Mapping[str, tuple[str, str]]] = {
    "office": ("الفرع", "Office"),
    "day": ("اليوم", "Day"),
    "time": ("الساعة", "Time"),
    "service": ("الخدمة", "Service"),
    "people": ("عدد الأشخاص", "People"),
    "number": ("رقم الموعد", "Appointment number"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of credentials: its code, its name, and what each claim is called."""

    code: str
    name: Said
    labels: Mapping[str, Said]


def list_kinds(core: Core) -> Iterator[Kind]:
    """List every kind that there is: one a service that issues something, and passes of appointments."""
    for spec in core.pack.services:
        if spec.issues:
            yield Kind(spec.code, spec.result.name.root, _labels(spec))
    labels = {code: {"ar": ar, "en": en} for code, (ar, en) in _OF_A_PASS.items()}
    yield Kind(PASS, {"ar": "بطاقة موعد", "en": "Appointment pass"}, labels)


def is_kind(core: Core, code: str) -> bool:
    """Return whether there is a kind with this code."""
    return any(one.code == code for one in list_kinds(core))


def describe_kind(core: Core, code: str) -> dict[str, Any]:
    """Describe the credentials of a service, or passes; raises NotFoundError for a kind that there is not."""
    kind = next((one for one in list_kinds(core) if one.code == code), None)
    if kind is None:
        raise NotFoundError
    return {
        "vct": type_address(core.settings.base_url, kind.code),
        "name": kind.name["en"],
        "display": [{"locale": language, "name": name} for language, name in sorted(kind.name.items())],
        "claims": [
            {
                "path": [claim],
                "sd": "always",
                "display": [{"locale": language, "label": label} for language, label in labels.items()],
            }
            for claim, labels in kind.labels.items()
        ],
    }


def _labels(spec: ServiceSpec) -> dict[str, Said]:
    fields = {field.code: field.label or field.name for field in spec.fields}
    shown = [code for code in spec.result.shown if code in fields or code in ABOUT_THE_HOLDER]
    words = {
        **{code: _ALWAYS[code] for code in OF_EVERY_RESULT},
        **{claim_of(code): HOLDER_LABELS.get(code) or (fields[code]["ar"], fields[code]["en"]) for code in shown},
    }
    return {claim: {"ar": ar, "en": en} for claim, (ar, en) in words.items()}


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


def wallet_document(core: Core) -> dict[str, Any]:
    """Describe what is issued, in which form, and where."""
    base = core.settings.base_url
    return {
        "credential_issuer": base,
        "credential_endpoint": f"{base}{CREDENTIAL}",
        "nonce_endpoint": f"{base}{NONCE}",
        "batch_credential_issuance": {"batch_size": MOST_AT_ONCE},
        "display": [{"name": "موعد", "locale": "ar"}, {"name": "Mawid", "locale": "en"}],
        "credential_configurations_supported": {one.code: _configuration(base, one) for one in list_kinds(core)},
    }


def token_document(core: Core) -> dict[str, Any]:
    """Describe where a wallet gets its token: with an offer's code alone, and as nobody in particular."""
    base = core.settings.base_url
    return {
        "issuer": base,
        "token_endpoint": f"{base}{TOKEN}",
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": [PRE_AUTHORIZED],
        "response_types_supported": [],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def _configuration(base: str, kind: Kind) -> dict[str, Any]:
    return {
        "format": KIND,
        "vct": type_address(base, kind.code),
        "credential_signing_alg_values_supported": [ALGORITHM],
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [ALGORITHM]}},
        "credential_metadata": {
            "display": [{"name": name, "locale": language} for language, name in sorted(kind.name.items())],
            "claims": [
                {
                    "path": [claim],
                    "display": [{"name": label, "locale": language} for language, label in labels.items()],
                }
                for claim, labels in kind.labels.items()
            ],
        },
    }
