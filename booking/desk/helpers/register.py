"""Register helpers, change their caps, suspend them: supervisors for their office, administrators for any."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.antifraud.gate.signed_paper import PAPER_NOT_ACCEPTED
from booking.antifraud.watching.limits import Standing, standing
from booking.country.core import audit, sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, Reach, reach, refuse_own_account, require
from booking.country.core.passwords import NOBODYS
from booking.desk.helpers.clients import Left, left, read_caps
from booking.people.accounts.opening import insert_account, read_account_form
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import noted
from booking.platform.models import Account, Helper, Office
from booking.platform.models.accounts.helper import HelperState
from booking.platform.models.accounts.person import has_any
from booking.platform.models.base import Json
from booking.platform.models.requests.appointment import kind_as_of
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


WINDOW: Final = timedelta(days=90)

_FIGURES: Final = text(
    f"""
    SELECT r.helper_id AS helper, count(c.id) AS requests,
           count(c.id) FILTER (WHERE c.paper_reference IS NULL) AS by_code,
           count(c.id) FILTER (WHERE first.decision = 'review' AND c.paper_reference IS NULL) AS reviewed,
           count(c.id) FILTER (WHERE first.decision = 'refuse') AS refused,
           count(*) FILTER (WHERE ended.kind IN ('served', 'no_show')) AS awaited,
           count(*) FILTER (WHERE ended.kind = 'no_show') AS missed,
           count(*) FILTER (WHERE c.state = 'withdrawn') AS withdrawn,
           count(*) FILTER (WHERE c.paper_reference IS NOT NULL AND by_officer.decided) AS papers,
           count(*) FILTER (WHERE c.paper_reference IS NOT NULL AND by_officer.bad_paper) AS papers_not_accepted
    FROM request r
    LEFT JOIN LATERAL (
        SELECT decision FROM verdict v WHERE v.request_id = r.id ORDER BY v.decided_at, v.id LIMIT 1
    ) first ON true
    LEFT JOIN LATERAL (
        SELECT {kind_as_of("o", ":now")} AS kind FROM outcome o WHERE o.request_id = r.id ORDER BY o.at DESC LIMIT 1
    ) ended ON true
    LEFT JOIN consent c ON c.request_id = r.id
    LEFT JOIN LATERAL (
        SELECT true AS decided, bool_or(v.reasons @> '[{{"code": "{PAPER_NOT_ACCEPTED.code}"}}]') AS bad_paper
        FROM verdict v WHERE v.request_id = r.id AND v.officer_id IS NOT NULL HAVING count(*) > 0
    ) by_officer ON true
    WHERE r.helper_id IS NOT NULL AND r.created_at >= :since
    GROUP BY r.helper_id
    """  # noqa: S608 - made of our own words
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of one helper among so many, beside the share of all other helpers; None where there is none."""

    count: int
    of: int
    others: float | None

    @property
    def standing(self) -> Standing | None:
        """Return where the share lies between the limits of chance; None where nothing can be compared."""
        return standing(self.count, self.of, self.others) if self.of and self.others is not None else None


@dataclass(frozen=True, slots=True)
class HelperFigures:
    """What became of a helper's requests in the last ninety days.

    Of one that went on as another, with another time or in another draw, what was asked first counts, and how the last
    one ended. On a signed paper every request is looked at: ``reviewed`` is of the others, ``papers`` of papers that
    were decided.
    """

    requests: int
    missed: Figure
    reviewed: Figure
    refused: Figure
    withdrawn: Figure
    papers: Figure


def helper_figures(session: Session, core: Core, helper_id: UUID) -> HelperFigures:
    """Count one helper's requests against those of all others."""
    now = core.clock.now()
    rows = session.execute(_FIGURES, {"now": now, "since": now - WINDOW}).mappings().all()

    def figure(what: str, of: str) -> Figure:
        mine = [row for row in rows if row["helper"] == helper_id]
        theirs = [row for row in rows if row["helper"] != helper_id]
        others = sum(row[of] for row in theirs)
        share = sum(row[what] for row in theirs) / others if others else None
        return Figure(sum(row[what] for row in mine), sum(row[of] for row in mine), share)

    requests = sum(row["requests"] for row in rows if row["helper"] == helper_id)
    return HelperFigures(
        requests=requests,
        missed=figure("missed", "awaited"),
        reviewed=figure("reviewed", "by_code"),
        refused=figure("refused", "requests"),
        withdrawn=figure("withdrawn", "requests"),
        papers=figure("papers_not_accepted", "papers"),
    )


@dataclass(frozen=True, slots=True)
class Registered:
    """A helper with what it did lately; ``sets_up``: its account has no second step yet."""

    helper: Helper
    username: str
    left: Left
    sets_up: bool
    figures: HelperFigures


def list_helpers(core: Core, *, by: UUID) -> list[Helper]:
    """List the helpers for whom somebody answers, suspended ones last; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(require(session.get(Account, by), Permission.MANAGE_HELPERS))
        statement = select(Helper).order_by(Helper.state, Helper.organisation, Helper.id)
        return list(session.scalars(statement if office is None else statement.where(Helper.office_id == office)))


def find_helper(core: Core, *, by: UUID, helper_id: UUID) -> Registered:
    """Show one helper.

    Raises
    ------
    NotFoundError
        There is no such helper.
    ForbiddenError
        The helper is another office's, or ``by`` may not manage helpers.
    """
    with core.sessions() as session:
        helper = session.get(Helper, helper_id)
        if helper is None:
            raise NotFoundError
        require(session.get(Account, by), Permission.MANAGE_HELPERS, office_id=helper.office_id)
        has_factor = bool(session.scalar(select(has_any(helper.account_id))))
        return Registered(
            helper=helper,
            username=helper.account.username,
            left=left(session, core, helper),
            sets_up=not has_factor,
            figures=helper_figures(session, core, helper_id),
        )


def offices_for(core: Core, *, by: UUID) -> list[Office]:
    """List the offices for which somebody may register helpers; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(require(session.get(Account, by), Permission.MANAGE_HELPERS))
        statement = select(Office).where(Office.active).order_by(Office.kind, Office.id)
        return list(session.scalars(statement if office is None else statement.where(Office.id == office)))


def _office(account: Account) -> int | None:
    """Return the office that somebody answers for, None for every office."""
    far = reach([Role(role) for role in account.roles], Permission.MANAGE_HELPERS)
    return None if far is Reach.EVERY_OFFICE else account.office_id
