"""Citizens sign in at the state's provider (OpenID Connect): to the account that they linked, or to prove a person.

Whoever is signed in and comes back links the subject with their account and proves the person of the number in the
token, if the household has them and what was typed of them is what the provider says. Whoever is not signed in comes to
the account that was linked before; none is made.

What the state's provider says of who signed in there, beside what was typed here of the person with that number.

The register judges what was typed in any case. Comparing it with the provider too finds a number that stands in the
token and is not of whoever signed in: typed into a profile there, or of another field than the settings mean.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit, sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.messages import tell
from booking.country.core.register import Identity, seal_national_number
from booking.country.core.security import Origin
from booking.country.core.session_data import SessionData
from booking.people.accounts.begin_session import Login, SecondStep, begin
from booking.people.accounts.errors import (
    AccountClosedError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SignInAgainError,
)
from booking.people.accounts.fresh import is_fresh
from booking.people.accounts.identity import read_national_number
from booking.people.accounts.provider_sign_in import Way, come_back, go_there, signed_in_since
from booking.people.identity.attest import ask_to_attest, attest_in
from booking.people.identity.levels import (
    StateDiffersError,
    StateLinkedElsewhereError,
    StateNotLinkedError,
    StateRefusedError,
    StateUnavailableError,
)
from booking.platform.base.errors import FieldError, ForbiddenError, NotFoundError
from booking.platform.models import Account, CitizenSubject, HouseholdMember, Person
from booking.platform.models.base import Json
from booking.platform.models.identity import ProofKind
from booking.platform.search.spelling import words_of

if TYPE_CHECKING:
    from booking.people.accounts.oidc_provider import Client, Visitor


_log = structlog.get_logger("mawid.oidc")

_BIRTH_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})-(\d{2}))?", re.ASCII)
_YEAR_LEFT_OUT: Final = "0000"


def number_of(core: Core, claims: Mapping[str, Any]) -> str:
    """Return the national number that a token holds; raises StateRefusedError where none is readable."""
    try:
        return read_national_number(core, str(claims.get(core.settings.citizen_oidc_number_claim) or ""))
    except FieldError:
        raise _not_told("number") from None


def require_agreement(agree: Collection[str], claims: Mapping[str, Any], member_id: int, typed: Identity) -> None:
    """Refuse a token that says otherwise than what was typed, in a detail of ``agree``: "name", "birth_date".

    Names are compared as words, in any order and usual spelling, with ``name`` and with ``given_name`` and
    ``family_name``; birth dates as far as the provider tells them (OpenID Connect lets it leave out the year, or month
    and day).

    Raises
    ------
    StateDiffersError
        Details differ; all are listed.
    StateRefusedError
        The token lacks a detail, or holds it in no form of OpenID Connect.
    """
    differing = []
    if "name" in agree and sorted(words_of(typed.name)) not in [sorted(words_of(name)) for name in _names(claims)]:
        differing.append(FieldError("name", "state_differs"))
    if "birth_date" in agree and not _fits(claims, typed):
        differing.append(FieldError("birth_date", "state_differs"))
    if differing:
        _log.warning("provider_differs", fields=[one.field for one in differing])
        raise StateDiffersError(member_id, differing)


def _names(claims: Mapping[str, Any]) -> list[str]:
    names = list(_texts(claims, "name"))
    if parts := list(_texts(claims, "given_name", "family_name")):
        names.append(" ".join(parts))
    if not names:
        raise _not_told("name")
    return names


def _fits(claims: Mapping[str, Any], typed: Identity) -> bool:
    told = _BIRTH_DATE.fullmatch(claims["birthdate"]) if isinstance(claims.get("birthdate"), str) else None
    if told is None or told.group() == _YEAR_LEFT_OUT:
        raise _not_told("birthdate")
    year, month, day = typed.birth_date.isoformat().split("-")
    return told[1] in {year, _YEAR_LEFT_OUT} and (told[2], told[3]) in {(month, day), (None, None)}


def _texts(claims: Mapping[str, Any], *names: str) -> Iterator[str]:
    return (claims[name] for name in names if isinstance(claims.get(name), str) and claims[name].strip())


def _not_told(what: str) -> StateRefusedError:
    _log.warning("provider_refused", why=f"it tells no {what} that can be read")
    return StateRefusedError()


WAY: Final = Way("citizen elsewhere", "/sign-in/state/return")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a signed-in account's visit showed; ``member_id`` is None where its household lacks the token's number."""

    account_id: UUID
    member_id: int | None


def is_offered(core: Core) -> bool:
    """Return whether the settings name a provider for citizens."""
    return core.settings.citizen_oidc_issuer is not None


def begin_at_state(core: Core, *, session: SessionData, origin: Origin, then: str = "") -> tuple[str, Json]:
    """Return the provider's address, and what the session must keep, as `provider_sign_in.go_there` says.

    Whoever is signed in here goes to prove somebody, and has to sign in there anew. An account that is linked with
    nobody there will be, which opens it from then on: so an open page alone does not begin it.

    Raises
    ------
    SignInAgainError
        The account is not linked yet, and the last proof in this session is older than `fresh.FRESH`.
    NotFoundError
        No provider for citizens is set.
    StateUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    anew = session.account_id is not None
    if anew and not is_fresh(core, session):
        with core.sessions() as reading:
            if reading.get(CitizenSubject, session.account_id) is None:
                raise SignInAgainError
    with _as_the_states():
        return go_there(core, _client(core), WAY, session=session, origin=origin, then=then, anew=anew)


def return_from_state(
    core: Core, *, session: SessionData, state: str, code: str, issuer: str, origin: Origin, device: str = ""
) -> Login | SecondStep | Proof:
    """Take a visitor who came back from the state's provider: sign them in, or prove a person of their household.

    Raises
    ------
    StateRefusedError
        The way back does not hold; where somebody is to be proven: the token lacks a number or detail, or the visitor
        signed in there before they left here.
    StateDiffersError
        The token says otherwise than what was typed of the person; nothing is linked.
    ProofRefusedError
        The register does not know the person of the household as they are typed there; nothing is linked.
    booking.country.core.register.RegisterAwayError
        The register does not answer; nothing is linked.
    StateNotLinkedError
        Nobody is signed in, and no account is linked with the subject.
    StateLinkedElsewhereError
        The subject is linked with another account, or the account with another subject.
    AccountClosedError
        The linked account is closed.
    ForbiddenError
        The account is a colleague's: they come by their organisation, or with a password.
    NotFoundError
        No provider for citizens is set.
    StateUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    with _as_the_states():
        visitor = come_back(
            core, _client(core), WAY, session=session, state=state, code=code, issuer=issuer, origin=origin
        )
    if session.account_id is not None:
        if not signed_in_since(session, visitor):
            raise StateRefusedError
        return _prove(core, session.account_id, visitor)
    account = _linked(core, visitor)
    begun = begin(core, account, device)
    # As after a password: what changed in between ended the sessions that it found, and this one sees it now.
    try:
        _require_unchanged(account, _linked(core, visitor))
    except BaseException:
        sessions.delete(core, begun.token)
        raise
    return begun


@contextmanager
def _as_the_states() -> Iterator[None]:
    """Say for citizens what any provider refuses: their words are not those of colleagues."""
    try:
        yield
    except ProviderUnavailableError:
        raise StateUnavailableError from None
    except ProviderRefusedError:
        raise StateRefusedError from None


def _client(core: Core) -> "Client":
    from booking.people.accounts.oidc_provider import of_citizens  # noqa: PLC0415 - see `booking.people.accounts.provider_sign_in`

    if not is_offered(core):
        raise NotFoundError
    return of_citizens(core.settings)


def _linked(core: Core, visitor: "Visitor") -> Account:
    linked = select(Account).join(CitizenSubject, CitizenSubject.account_id == Account.id)
    with core.sessions() as session:
        account = session.scalar(
            linked.where(CitizenSubject.issuer == visitor.issuer, CitizenSubject.subject == visitor.subject)
        )
    if account is None:
        raise StateNotLinkedError
    if account.closed_at is not None:
        raise AccountClosedError
    if is_staff(account.roles):  # became one since: what they linked alone opens no desk
        raise ForbiddenError
    return account


def _require_unchanged(before: Account, now: Account) -> None:
    if (before.id, before.roles, before.password_hash) != (now.id, now.roles, now.password_hash):
        raise StateNotLinkedError


def _prove(core: Core, account_id: UUID, visitor: "Visitor") -> Proof:
    member_id, by = _member_with(core, account_id, number_of(core, visitor.claims)), str(account_id)
    agree = core.settings.citizen_oidc_agree
    seen = member_id and ask_to_attest(
        core,
        account_id=account_id,
        member_id=member_id,
        kind=ProofKind.PROVIDER,
        by=by,
        check=lambda asked: require_agreement(agree, visitor.claims, asked.member_id, asked.identity),
    )
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        if is_staff(account.roles):
            raise ForbiddenError
        _link(session, core, account, visitor)
        if seen:
            asked, grant = seen
            attest_in(session, core, asked=asked, kind=ProofKind.PROVIDER, grant=grant)
            audit.record(session, core, account, "citizen.proven", by, member=member_id)
    return Proof(account_id, member_id)


def _member_with(core: Core, account_id: UUID, number: str) -> int | None:
    hashed = seal_national_number(core.vault, number).hash
    with core.sessions() as session:
        return session.scalar(
            select(HouseholdMember.id)
            .join(Person, Person.id == HouseholdMember.person_id)
            .where(HouseholdMember.account_id == account_id, Person.national_number_hash == hashed)
        )


def _link(session: Session, core: Core, account: Account, visitor: "Visitor") -> None:
    """Link the subject with the account in the caller's transaction; one of another account is left alone."""
    linking = insert(CitizenSubject).values(
        account_id=account.id, issuer=visitor.issuer, subject=visitor.subject, linked_at=core.clock.now()
    )
    if session.scalar(linking.on_conflict_do_nothing().returning(CitizenSubject.account_id)) is not None:
        audit.record(session, core, account, "citizen.linked", str(account.id))
        tell(session, core, account.id, "citizen_linked")
        return
    mine = session.get(CitizenSubject, account.id)
    if mine is None or (mine.issuer, mine.subject) != (visitor.issuer, visitor.subject):
        raise StateLinkedElsewhereError
