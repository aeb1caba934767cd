"""What is changed about colleagues: roles, leaving, a lost second factor. Each change ends their sessions.

One administrator alone closes accounts and ends sessions, for that takes away. Whatever gives somebody more goes by
`booking.people.staff.propose`; here are its verbs in the caller's transaction, and what the command line does alone.

Cases of a colleague who leaves or gets other work go back into the queue:
`booking.country.core.core.Hooks.officer_left`.

Addresses of their calendars end with each change.

Sessions end before the commit, so that nothing changes while the store is down, and after it, for those that began
meanwhile: open tabs lead to the sign-in page at their next click.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit, sessions
from booking.country.core.core import Core, Departure
from booking.country.core.four_eyes import SecondAdministratorNeededError, is_same_person, is_staff
from booking.country.core.messages import tell
from booking.people.accounts import second_factor
from booking.people.accounts.identity import Identity
from booking.people.calendars.views import end_all_in
from booking.people.staff.create import actor_name, bind_in, find_agency, find_office, require_one_account_in
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import Account, ProviderSubject
from booking.platform.models.accounts.person import is_subject
from booking.platform.models.base import Json
from booking.platform.models.states import Door, Role


@dataclass(frozen=True, slots=True)
class Change:
    """A change under way, with the colleague's account locked; ``told`` becomes the details of its audit entry."""

    session: Session
    core: Core
    by: UUID | None
    actor: str
    account: Account
    told: Json


def change_roles_in(
    change: Change, *, roles: Collection[Role], office_code: str | None, agency_code: str | None
) -> None:
    """Give a colleague other roles, or another office or agency.

    Raises
    ------
    InvalidInputError
        There is no role, or no such office or agency.
    ForbiddenError
        It is the account of a helper.
    TwoRolesOnePersonError
        The person has another account whose roles do not go together with these.
    """
    session, account, told = change.session, change.account, change.told
    if not is_staff(roles):
        raise InvalidInputError([FieldError("roles", "missing")])
    if Role.HELPER in account.roles:
        raise ForbiddenError
    office, agency_code = find_office(session, office_code), find_agency(change.core, agency_code)
    told |= {"before": sorted(account.roles), "roles": sorted(role.value for role in roles), "office": office_code}
    if agency_code:
        told["agency"] = agency_code
    _release_cases(change)
    account.roles = sorted(role.value for role in roles)
    account.office_id = office.id if office else None
    account.agency_code = agency_code
    account.door = office.door if office else Door.HOME
    session.flush()
    require_one_account_in(session, account.id, account.roles)


def open_account_in(change: Change) -> None:
    """Open a closed account again; raises TwoRolesOnePersonError where the person has another one meanwhile."""
    change.account.closed_at, change.account.closed_by_owner = None, False
    change.session.flush()
    require_one_account_in(change.session, change.account.id, change.account.roles)


def reset_second_factor_in(change: Change) -> None:
    """Forget a lost authenticator and all passkeys, after seeing their owner; the next sign-in sets up another one."""
    change.told.update(second_factor.forget(change.session, change.account.id))
    tell(change.session, change.core, change.account.id, "second_factor_reset")


def link_provider_in(change: Change, *, subject: str) -> None:
    """Link a colleague with a subject of the organisation's provider; "" takes the link away.

    Raises
    ------
    InvalidInputError
        ``subject`` is not a subject ("invalid_value"), or a colleague's already ("taken").
    NotFoundError
        The settings name no provider.
    """
    session, core, account = change.session, change.core, change.account
    subject, issuer = subject.strip(), core.settings.oidc_issuer
    if issuer is None:
        raise NotFoundError
    if subject and not is_subject(subject):
        raise InvalidInputError([FieldError("subject", "invalid_value")])
    session.execute(delete(ProviderSubject).where(ProviderSubject.account_id == account.id))
    if subject:
        link = insert(ProviderSubject).values(
            account_id=account.id, issuer=issuer, subject=subject, linked_at=core.clock.now()
        )
        if session.scalar(link.on_conflict_do_nothing().returning(ProviderSubject.account_id)) is None:
            raise InvalidInputError([FieldError("subject", "taken")])
    change.told["subject"] = subject


def bind_person_in(change: Change, *, who: Identity) -> None:
    """Bind a colleague's account to a person; raises TwoRolesOnePersonError where that person has another account."""
    bind_in(change.session, change.core, change.account.id, who, by=change.by)
    require_one_account_in(change.session, change.account.id, change.account.roles)


def close_account(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """Close a colleague's account: nobody can sign in to it.

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    ForbiddenError
        ``by`` (None: the command line) is not an administrator, or the account is their own.
    NotFoundError
        There is no such colleague.
    SessionsUnavailableError
        The colleague's sessions cannot be ended now, so nothing changed.
    """
    with changing(core, by=by, account_id=account_id, reason=reason, action="staff.closed") as change:
        _release_cases(change)
        change.account.closed_at = change.account.closed_at or core.clock.now()


def end_sessions(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """End a colleague's sessions, and nothing else. See `close_account` for what it raises."""
    with changing(core, by=by, account_id=account_id, reason=reason, action="staff.signed_out"):
        pass


def change_roles(
    core: Core,
    *,
    by: UUID | None,
    account_id: UUID,
    roles: Collection[Role],
    office_code: str | None,
    reason: str,
    agency_code: str | None = None,
) -> None:
    """Give a colleague other roles at the command line. See `change_roles_in` and `alone`."""
    with alone(core, by=by, account_id=account_id, reason=reason, action="staff.roles") as change:
        change_roles_in(change, roles=roles, office_code=office_code, agency_code=agency_code)


def open_account(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """Open a closed account again at the command line. See `open_account_in` and `alone`."""
    with alone(core, by=by, account_id=account_id, reason=reason, action="staff.opened") as change:
        open_account_in(change)


def reset_second_factor(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """Reset a lost second factor at the command line. See `reset_second_factor_in` and `alone`."""
    with alone(core, by=by, account_id=account_id, reason=reason, action="second_factor.reset") as change:
        reset_second_factor_in(change)


def link_provider(core: Core, *, by: UUID | None, account_id: UUID, subject: str, reason: str) -> None:
    """Link a colleague with the provider at the command line. See `link_provider_in` and `alone`."""
    with alone(core, by=by, account_id=account_id, reason=reason, action="staff.linked") as change:
        link_provider_in(change, subject=subject)


def bind_person(core: Core, *, by: UUID | None, account_id: UUID, who: Identity, reason: str) -> None:
    """Bind a colleague's account to a person at the command line. See `bind_person_in` and `alone`."""
    with alone(core, by=by, account_id=account_id, reason=reason, action="staff.bound") as change:
        bind_person_in(change, who=who)


@contextmanager
def alone(core: Core, *, by: UUID | None, account_id: UUID, reason: str, action: str) -> Iterator[Change]:
    """Make a change that an administrator must propose; only the command line makes it alone.

    Raises
    ------
    SecondAdministratorNeededError
        ``by`` is not None.
    InvalidInputError
        There is no reason, or one that is too long.
    NotFoundError
        There is no such colleague.
    SessionsUnavailableError
        The colleague's sessions cannot be ended now, so nothing changed.
    """
    if by is not None:
        raise SecondAdministratorNeededError
    with changing(core, by=None, account_id=account_id, reason=reason, action=action) as change:
        yield change


@contextmanager
def changing(core: Core, *, by: UUID | None, account_id: UUID, reason: str, action: str) -> Iterator[Change]:
    """Make a change in a transaction of its own, and end the colleague's sessions. See `close_account`."""
    with core.sessions.begin() as session:
        with changing_in(session, core, by=by, account_id=account_id, reason=reason, action=action) as change:
            yield change
        sessions.delete_all(core, account_id)
    sessions.delete_all(core, account_id)


@contextmanager
def changing_in(
    session: Session, core: Core, *, by: UUID | None, account_id: UUID, reason: str, action: str
) -> Iterator[Change]:
    """Lock a colleague's account for a change, and put it on record with what the caller adds to the details.

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    ForbiddenError
        ``by`` (None: the command line) is not an administrator, or the account is of the same person.
    NotFoundError
        There is no such colleague.
    """
    reason = fields.words("reason", reason)
    actor = actor_name(session, by)
    account = session.scalar(select(Account).where(Account.id == account_id).with_for_update(key_share=True))
    if account is None or not is_staff(account.roles):
        raise NotFoundError
    if is_same_person(session, account.id, by):
        raise ForbiddenError
    told: Json = {"reason": reason}
    end_all_in(session, account.id)
    yield Change(session, core, by, actor, account, told)
    audit.append(
        session,
        at=core.clock.now(),
        actor=actor,
        account_id=by,
        action=action,
        subject=str(account_id),
        details=told | {"username": account.username},
    )


def _release_cases(change: Change) -> None:
    departure = Departure(change.account.id, by=change.by, actor=change.actor, reason=change.told["reason"])
    for release in change.core.hooks.officer_left:
        release(change.session, change.core, departure)
