"""A document is given to its owner as a verifiable credential (SD-JWT VC); the owner may end all of them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.eservices.credentials.documents import Document, first_second, own_pass, own_result
from booking.eservices.credentials.keys import issuer_key
from booking.eservices.credentials.names import KIND, list_address, type_address
from booking.eservices.credentials.places import ACTION, end_given, of_subject, take_place
from booking.eservices.credentials.sd_jwt import show_only, write


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
