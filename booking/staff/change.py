"""What administrators change about colleagues: roles, leaving, a lost second factor. Each change ends their sessions.

Cases of a colleague who leaves or gets other work go back into the queue: `booking.core.core.Hooks.officer_left`.

Sessions end before the commit, so that nothing changes while the store is down, and after it, for those that began
meanwhile: open tabs lead to the sign-in page at their next click.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.accounts import second_factor
from booking.base import fields
from booking.base.errors import FieldError, ForbiddenError, InvalidInputError, NotFoundError
from booking.core import audit, sessions
from booking.core.core import Core, Departure
from booking.core.messages import tell
from booking.core.permissions import is_staff
from booking.models import Account, ProviderSubject
from booking.models.accounts.provider_subject import is_subject
from booking.models.base import Json
from booking.models.states import Door, Role
from booking.staff.create import actor_name, find_agency, find_office


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
    """Give a colleague other roles, or another office or agency.

    Raises
    ------
    InvalidInputError
        There is no role or reason, or no such office or agency.
    ForbiddenError
        ``by`` (None: the command line) is not an administrator, or the account is their own or a helper's.
    NotFoundError
        There is no such colleague.
    SessionsUnavailableError
        The colleague's sessions cannot be ended now, so nothing changed.
    """
    if not is_staff(roles):
        raise InvalidInputError([FieldError("roles", "missing")])
    with _changing(core, by=by, account_id=account_id, reason=reason, action="staff.roles") as (session, account, told):
        if Role.HELPER in account.roles:
            raise ForbiddenError
        office, agency_code = find_office(session, office_code), find_agency(core, agency_code)
        told |= {"before": sorted(account.roles), "roles": sorted(role.value for role in roles), "office": office_code}
        if agency_code:
            told["agency"] = agency_code
        _release_cases(session, core, account, by=by, told=told)
        account.roles = sorted(role.value for role in roles)
        account.office_id = office.id if office else None
        account.agency_code = agency_code
        account.door = office.door if office else Door.HOME


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
    with _changing(core, by=by, account_id=account_id, reason=reason, action="staff.closed") as change:
        session, account, told = change
        _release_cases(session, core, account, by=by, told=told)
        account.closed_at = account.closed_at or core.clock.now()


def open_account(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """Open a closed account again. See `close_account` for what it raises."""
    with _changing(core, by=by, account_id=account_id, reason=reason, action="staff.opened") as (_, account, _told):
        account.closed_at, account.closed_by_owner = None, False


def reset_second_factor(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """Forget a lost authenticator and all passkeys, after seeing their owner; the next sign-in sets up another one.

    See `close_account` for what it raises.
    """
    with _changing(core, by=by, account_id=account_id, reason=reason, action="second_factor.reset") as (
        session,
        account,
        told,
    ):
        told.update(second_factor.forget(session, account.id))
        tell(session, core, account.id, "second_factor_reset")


def link_provider(core: Core, *, by: UUID | None, account_id: UUID, subject: str, reason: str) -> None:
    """Link a colleague with a subject of the organisation's provider; "" takes the link away.

    Raises
    ------
    InvalidInputError
        ``subject`` is not a subject ("invalid_value"), or a colleague's already ("taken"); or there is no reason.
    ForbiddenError
        ``by`` (None: the command line) is not an administrator, or the account is their own.
    NotFoundError
        The settings name no provider, or there is no such colleague.
    SessionsUnavailableError
        The colleague's sessions cannot be ended now, so nothing changed.
    """
    subject, issuer = subject.strip(), core.settings.oidc_issuer
    if issuer is None:
        raise NotFoundError
    if subject and not is_subject(subject):
        raise InvalidInputError([FieldError("subject", "invalid_value")])
    with _changing(core, by=by, account_id=account_id, reason=reason, action="staff.linked") as (
        session,
        account,
        told,
    ):
        session.execute(delete(ProviderSubject).where(ProviderSubject.account_id == account.id))
        if subject:
            link = insert(ProviderSubject).values(
                account_id=account.id, issuer=issuer, subject=subject, linked_at=core.clock.now()
            )
            if session.scalar(link.on_conflict_do_nothing().returning(ProviderSubject.account_id)) is None:
                raise InvalidInputError([FieldError("subject", "taken")])
        told["subject"] = subject


def end_sessions(core: Core, *, by: UUID | None, account_id: UUID, reason: str) -> None:
    """End a colleague's sessions, and nothing else. See `close_account` for what it raises."""
    with _changing(core, by=by, account_id=account_id, reason=reason, action="staff.signed_out"):
        pass


def _release_cases(session: Session, core: Core, account: Account, *, by: UUID | None, told: Json) -> None:
    departure = Departure(account.id, by=by, actor=actor_name(session, by), reason=told["reason"])
    for release in core.hooks.officer_left:
        release(session, core, departure)


@contextmanager
def _changing(
    core: Core, *, by: UUID | None, account_id: UUID, reason: str, action: str
) -> Iterator[tuple[Session, Account, Json]]:
    """Lock a colleague's account for a change, and put it on record with what the caller adds to the details."""
    reason = fields.words("reason", reason)
    with core.sessions.begin() as session:
        actor = actor_name(session, by)
        account = session.scalar(select(Account).where(Account.id == account_id).with_for_update(key_share=True))
        if account is None or not is_staff(account.roles):
            raise NotFoundError
        if account.id == by:
            raise ForbiddenError
        details: Json = {"reason": reason}
        yield session, account, details
        audit.append(
            session,
            at=core.clock.now(),
            actor=actor,
            account_id=by,
            action=action,
            subject=str(account_id),
            details=details | {"username": account.username},
        )
        sessions.delete_all(core, account_id)
    sessions.delete_all(core, account_id)
