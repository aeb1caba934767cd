"""Register helpers, change their caps, suspend them: supervisors for their office, administrators for any."""

import secrets
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit, sessions
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_account
from booking.country.core.passwords import NOBODYS
from booking.country.core.permissions import Permission, require
from booking.desk.helpers.caps import read_caps
from booking.people.accounts.opening import insert_account, read_account_form
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import noted
from booking.platform.models import Account, Helper, Office
from booking.platform.models.accounts.helper import HelperState
from booking.platform.models.base import Json
from booking.platform.models.states import Role

LONGEST_ORGANISATION: Final = 60
LONGEST_LICENCE: Final = 40


def register_helper(
    core: Core,
    *,
    by: UUID,
    username: str,
    phone: str,
    organisation: str,
    licence: str,
    office_code: str,
    caps: dict[str, str],
    language: str,
) -> UUID:
    """Register a helper and make its account, on the record; returns the helper's id.

    Its owner chooses the password with a code sent to the phone, and sets up the second step at the first sign-in.

    Parameters
    ----------
    caps
        ``per_day``, ``per_month`` and ``at_once`` as typed.

    Raises
    ------
    InvalidInputError
        Fields are unusable; those that are checked together are all listed. ``licence`` "taken": another helper has it.
    UsernameTakenError
        Another account has the user name.
    ForbiddenError
        ``by`` may not register helpers for this office.
    OwnCaseError
        The phone is of ``by`` themselves.
    """
    errors: list[FieldError] = []
    with noted(errors):
        organisation = _line("organisation", organisation, LONGEST_ORGANISATION)
    with noted(errors):
        licence = fields.latin_digits(_line("licence", licence, LONGEST_LICENCE)).casefold()
    known = read_caps(caps, errors)
    unused = secrets.token_urlsafe(32)  # its owner chooses one
    form = read_account_form(core, username=username, password=unused, phone=phone, language=language, errors=errors)
    now = core.clock.now()
    with core.sessions.begin() as session:
        office = session.scalar(select(Office).where(Office.code == office_code, Office.active))
        if office is None:
            raise InvalidInputError([FieldError("office_code", "unknown")])
        staff = require(session.get(Account, by), Permission.MANAGE_HELPERS, office_id=office.id)
        account_id = insert_account(
            session,
            core,
            form,
            password_hash=NOBODYS,
            roles=(Role.HELPER,),
            door=office.door,
            office_id=office.id,
            phone_confirmed_at=now,
        )
        refuse_own_account(session, by, account_id)
        session.get_one(Account, account_id).registered_helper = True
        new = insert(Helper).values(
            account_id=account_id,
            organisation=organisation,
            licence=licence,
            office_id=office.id,
            per_day=known.per_day,
            per_month=known.per_month,
            at_once=known.at_once,
            created_at=now,
        )
        helper_id: UUID | None = session.scalar(
            new.on_conflict_do_nothing(index_elements=[Helper.licence]).returning(Helper.id)
        )
        if helper_id is None:
            raise InvalidInputError([FieldError("licence", "taken")])
        details = {"organisation": organisation, "licence": licence, "office": office.code, "caps": caps}
        _record(session, core, staff, "helper.registered", helper_id, details)
    return helper_id


def change_caps(core: Core, *, by: UUID, helper_id: UUID, caps: dict[str, str], reason: str) -> None:
    """Give a helper other caps; what it has sent already still counts.

    Raises
    ------
    InvalidInputError
        A cap is not a usable number, or there is no reason.
    NotFoundError
        There is no such helper.
    ForbiddenError
        The helper is another office's, or ``by`` may not manage helpers.
    OwnCaseError
        The helper has the phone, or somebody of the household, of ``by``.
    """
    reason = fields.words("reason", reason)
    errors: list[FieldError] = []
    known = read_caps(caps, errors)
    fields.raise_all(errors)
    with core.sessions.begin() as session:
        staff, helper = _locked(session, by, helper_id)
        before = {"per_day": helper.per_day, "per_month": helper.per_month, "at_once": helper.at_once}
        helper.per_day, helper.per_month, helper.at_once = known.per_day, known.per_month, known.at_once
        _record(session, core, staff, "helper.caps", helper_id, {"before": before, "caps": caps, "reason": reason})


def suspend(core: Core, *, by: UUID, helper_id: UUID, reason: str) -> None:
    """Suspend a helper: its open pages end, and it can do nothing for anybody. People keep their requests.

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    NotFoundError
        There is no such helper.
    ForbiddenError
        The helper is another office's, or ``by`` may not manage helpers.
    OwnCaseError
        The helper has the phone, or somebody of the household, of ``by``.
    IllegalMoveError
        The helper is suspended already.
    SessionsUnavailableError
        The helper's sessions cannot be ended now.
    """
    reason = fields.words("reason", reason)
    with core.sessions.begin() as session:
        staff, helper = _locked(session, by, helper_id)
        helper.move_to(HelperState.SUSPENDED)
        helper.suspended_reason = reason
        helper.account.registered_helper = False
        _record(session, core, staff, "helper.suspended", helper_id, {"reason": reason})
        sessions.delete_all(core, helper.account_id)
        account_id = helper.account_id
    sessions.delete_all(core, account_id)


def reinstate(core: Core, *, by: UUID, helper_id: UUID, reason: str) -> None:
    """Let a suspended helper help again.

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    NotFoundError
        There is no such helper.
    ForbiddenError
        The helper is another office's, or ``by`` may not manage helpers.
    OwnCaseError
        The helper has the phone, or somebody of the household, of ``by``.
    IllegalMoveError
        The helper is not suspended.
    """
    reason = fields.words("reason", reason)
    with core.sessions.begin() as session:
        staff, helper = _locked(session, by, helper_id)
        helper.move_to(HelperState.ACTIVE)
        helper.suspended_reason = None
        helper.account.registered_helper = True
        _record(session, core, staff, "helper.reinstated", helper_id, {"reason": reason})


def _locked(session: Session, by: UUID, helper_id: UUID) -> tuple[Account, Helper]:
    helper = session.scalar(select(Helper).where(Helper.id == helper_id).with_for_update(of=Helper))
    if helper is None:
        raise NotFoundError
    staff = require(session.get(Account, by), Permission.MANAGE_HELPERS, office_id=helper.office_id)
    refuse_own_account(session, by, helper.account_id)
    return staff, helper


def _record(session: Session, core: Core, staff: Account, action: str, helper_id: UUID, details: Json) -> None:
    audit.record(session, core, staff, action, str(helper_id), **details)


def _line(field: str, text: str, longest: int) -> str:
    """Read one line; raises FieldError."""
    plain = " ".join(text.translate(fields.DIRECTION_MARKS).split())
    if not plain:
        raise FieldError(field, "missing")
    if len(plain) > longest:
        raise FieldError(field, "too_long", max=longest)
    if not plain.isprintable():
        raise FieldError(field, "invalid_value")
    return plain
