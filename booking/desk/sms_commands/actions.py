"""What commands by text message do. A wrong reference, or somebody else's, is answered alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.desk.sms_commands.commands import Asked
from booking.people.accounts.codes import Purpose, charge_code, issue_code, spend_code
from booking.people.reaching.choices import silence
from booking.people.reaching.notice_text import SILENCEABLE
from booking.platform.base.errors import NotFoundError, TooManyCodesError
from booking.platform.base.message_states import Command
from booking.platform.models import Account, Appointment, OnlineCase, PhoneCode, Request
from booking.platform.models.base import Json
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, LIVE_REQUEST_STATES, AppointmentState, RequestState
from booking.scheduling.appointments.respond import cancel_in, confirm_in
from booking.scheduling.requests.rows import refuse_during_draw
from booking.scheduling.requests.withdraw import withdraw_in

_WITHDRAWABLE: Final = frozenset(
    {RequestState.CHALLENGED, RequestState.UNDER_REVIEW, RequestState.ACCEPTED, RequestState.CARRIED_OVER}
)
_STATUS_OF_REQUEST: Final = {
    RequestState.SUBMITTED: "status_with_officer",
    RequestState.UNDER_REVIEW: "status_with_officer",
    RequestState.CHALLENGED: "status_needs_page",
    RequestState.HELD: "status_needs_page",
    RequestState.ACCEPTED: "status_in_draw",
    RequestState.CARRIED_OVER: "status_in_draw",
    RequestState.REFUSED: "status_refused",
}


_STATUS_ONLINE: Final = {
    OnlineState.DRAFT: "status_needs_page_online",
    OnlineState.AWAITING_PAYMENT: "status_needs_page_online",
    OnlineState.AWAITING_PAPERS: "status_needs_page_online",
    OnlineState.NEEDS_MORE: "status_needs_page_online",
    OnlineState.SUBMITTED: "status_with_agency",
    OnlineState.ASSIGNED: "status_with_agency",
    OnlineState.APPROVED: "status_with_agency",
    OnlineState.ISSUED: "status_issued",
}


@dataclass(frozen=True, slots=True)
class Online:
    """What was asked for online: where it stands can be said, the rest is done on its page."""

    account_id: UUID
    reference: str
    status: str


@dataclass(frozen=True, slots=True)
class Found:
    """A request with its live appointment, where it has one."""

    account_id: UUID
    request: Request
    appointment: Appointment | None

    @property
    def reference(self) -> str:
        """The reference by which people know it now."""
        return self.appointment.reference if self.appointment else self.request.reference

    @property
    def status(self) -> str:
        """The kind of notice that says where it stands."""
        if self.request.state is RequestState.DRAWN and self.appointment is not None:
            offered = self.appointment.state is AppointmentState.OFFERED
            return "status_offered" if offered else "status_confirmed"
        return _STATUS_OF_REQUEST.get(self.request.state, "status_over")

    @property
    def names(self) -> str:
        """The reference that goes with `status`."""
        return self.reference if self.request.state is RequestState.DRAWN else self.request.reference

    def is_offered(self, now: datetime) -> bool:
        """Return whether the draw's offer can be confirmed now."""
        one = self.appointment
        drawn = self.request.state is RequestState.DRAWN
        return drawn and one is not None and one.state is AppointmentState.OFFERED and now < one.confirm_by

    def can_end(self, now: datetime) -> bool:
        """Return whether its people can give it up now."""
        if self.appointment is not None and self.request.state is RequestState.DRAWN:
            return self.appointment.state is not AppointmentState.CHECKED_IN and now < self.appointment.starts_at
        return self.request.state in _WITHDRAWABLE


def find_live(session: Session, account_ids: Collection[UUID]) -> list[Found]:
    """Find all that the accounts have and that is not over, the latest first."""
    return _found(session, account_ids, Request.state.in_(LIVE_REQUEST_STATES))


def find_named(session: Session, account_ids: Collection[UUID], reference: str) -> Found | None:
    """Find one of them by the reference of the request or of an appointment that it had, over or not."""
    of_appointment = select(Appointment.request_id).where(Appointment.reference == reference)
    found = _found(session, account_ids, or_(Request.reference == reference, Request.id.in_(of_appointment)))
    return found[0] if found else None


def find_online(session: Session, account_ids: Collection[UUID], reference: str | None = None) -> list[Online]:
    """Find what the accounts asked for online: one by its reference or, without one, all that runs, latest first."""
    which = OnlineCase.state.in_(RUNNING) if reference is None else OnlineCase.reference == reference
    rows = session.execute(
        select(OnlineCase.account_id, OnlineCase.reference, OnlineCase.state)
        .where(OnlineCase.account_id.in_(account_ids), which)
        .order_by(OnlineCase.created_at.desc(), OnlineCase.id)
    )
    return [Online(row[0], row[1], _STATUS_ONLINE.get(row[2], "status_over_online")) for row in rows]


def _found(session: Session, account_ids: Collection[UUID], which: ColumnElement[bool]) -> list[Found]:
    requests = session.scalars(
        select(Request)
        .where(Request.account_id.in_(account_ids), which)
        .order_by(Request.created_at.desc(), Request.id)
    ).all()
    live = session.scalars(
        select(Appointment).where(
            Appointment.request_id.in_([one.id for one in requests]), Appointment.state.in_(LIVE_APPOINTMENT_STATES)
        )
    )
    appointments = {one.request_id: one for one in live}
    return [Found(one.account_id, one, appointments.get(one.id)) for one in requests]


MOST_TOLD: Final = 3
_NOWHERE: Final = Origin(network="", device="")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done, in a word; the notice that says so; and for whom it was, where one account alone was meant."""

    outcome: str
    kind: str | None = None
    account_id: UUID | None = None
    reference: str | None = None
    more: tuple[tuple[str, Json], ...] = ()

    @property
    def notices(self) -> list[tuple[str, Json]]:
        """The notices with what fills them."""
        about = {"reference": self.reference} if self.reference else {}
        return ([(self.kind, about)] if self.kind else []) + list(self.more)

    def to(self, account_id: UUID) -> "Answer":
        """Address it."""
        return replace(self, account_id=account_id)


def act(session: Session, core: Core, accounts: Sequence[Account], asked: Asked, phone: str) -> Answer:
    """Do what is asked for, for the accounts of one phone, in the caller's transaction.

    Raises
    ------
    booking.platform.base.errors.MawidError
        It is refused; nothing was changed but tries of a code.
    """
    match asked.command:
        case Command.STATUS:
            return _status(session, accounts, asked.reference)
        case Command.CONFIRM:
            return _confirm(session, core, accounts, asked.reference)
        case Command.CANCEL:
            return _ask_code(session, core, accounts, asked.reference, phone)
        case Command.CODE:
            return _end(session, core, accounts, asked.code or "")
        case Command.STOP | Command.START:
            stops = asked.command is Command.STOP
            for account in accounts:
                silence(session, core, account_id=account.id, silenced=SILENCEABLE if stops else ())
            return Answer("done", "sms_stopped" if stops else "sms_started")
        case Command.HELP | Command.UNKNOWN:
            return Answer("told", "sms_help")


def _status(session: Session, accounts: Sequence[Account], reference: str | None) -> Answer:
    if reference is not None:
        found = find_named(session, _ids(accounts), reference)
        if found is not None:
            return Answer("told", found.status, found.account_id, found.names)
        for online in find_online(session, _ids(accounts), reference):
            return Answer("told", online.status, online.account_id, online.reference)
        return Answer("not_found", "sms_not_found")
    if len(accounts) > 1:
        return Answer("which", "sms_which")
    told = [(one.status, {"reference": one.names}) for one in _live(session, accounts)]
    told += [(one.status, {"reference": one.reference}) for one in find_online(session, _ids(accounts))]
    if not told:
        return Answer("told", "status_none")
    return Answer("told", account_id=accounts[0].id, more=tuple(told[:MOST_TOLD]))


def _confirm(session: Session, core: Core, accounts: Sequence[Account], reference: str | None) -> Answer:
    now = core.clock.now()
    found = _chosen(session, accounts, reference, [one for one in _live(session, accounts) if one.is_offered(now)])
    if isinstance(found, Answer):
        return found
    return keep_offer(session, core, found)


def keep_offer(session: Session, core: Core, found: Found) -> Answer:
    """Keep the place that a draw offered, in the caller's transaction; where none is on offer, say where it stands.

    Raises
    ------
    booking.platform.base.errors.MawidError
        It is refused as `booking.scheduling.appointments.respond.confirm` refuses it; nothing was changed.
    """
    if found.appointment is None or found.request.state is not RequestState.DRAWN:
        return Answer("told", found.status, found.account_id, found.names)
    with session.begin_nested():
        confirm_in(session, core, account_id=found.account_id, reference=found.appointment.reference)
    return Answer("done", "appointment_confirmed", found.account_id, found.appointment.reference)


def _ask_code(session: Session, core: Core, accounts: Sequence[Account], reference: str | None, phone: str) -> Answer:
    """Ask for a second message: one who can only write in somebody's name does not read what we answer."""
    now = core.clock.now()
    found = _chosen(session, accounts, reference, [one for one in _live(session, accounts) if one.can_end(now)])
    if isinstance(found, Answer):
        return found
    if not found.can_end(now):
        return Answer("not_possible", "sms_not_possible", found.account_id)
    refuse_during_draw(session, found.request)
    try:
        charge_code(core, origin=_NOWHERE, phone=phone, account=str(found.account_id))
    except TooManyCodesError:
        return Answer("too_many_codes", "sms_no_code_now", found.account_id)
    issue_code(session, core, account_id=found.account_id, purpose=Purpose.CANCEL_BY_SMS, subject=found.reference)
    return Answer("code_sent", None, found.account_id, found.reference)


def _end(session: Session, core: Core, accounts: Sequence[Account], code: str) -> Answer:
    """Spend the code, then give up what it was sent for. A wrong one is counted against each that waits."""
    waiting = session.scalars(
        select(PhoneCode)
        .where(
            PhoneCode.account_id.in_(_ids(accounts)),
            PhoneCode.purpose == Purpose.CANCEL_BY_SMS.value,
            PhoneCode.used_at.is_(None),
            PhoneCode.expires_at > core.clock.now(),
        )
        .order_by(PhoneCode.created_at.desc(), PhoneCode.id)
    ).all()
    for one in waiting:
        right = spend_code(
            session, core, account_id=one.account_id, purpose=Purpose.CANCEL_BY_SMS, code=code, subject=one.subject
        )
        if right:
            return give_up(session, core, one.account_id, one.subject)
    return Answer("wrong_code", "sms_wrong_code")


def give_up(session: Session, core: Core, account_id: UUID, reference: str) -> Answer:
    """Give up an appointment, or the request that waits, in the caller's transaction.

    Raises
    ------
    booking.platform.base.errors.MawidError
        It is refused as `booking.scheduling.appointments.respond.cancel` or
        `booking.scheduling.requests.withdraw.withdraw` refuse it, or the account has nothing of this reference; nothing
        was changed.
    """
    found = find_named(session, [account_id], reference)
    if found is None:
        raise NotFoundError
    with session.begin_nested():
        if found.appointment is not None and found.appointment.reference == reference:
            cancel_in(session, core, account_id=account_id, reference=reference)
            return Answer("done", "appointment_cancelled", account_id, reference)
        withdraw_in(session, core, account_id=account_id, reference=reference)
        return Answer("done", "request_withdrawn", account_id, reference)


def _chosen(session: Session, accounts: Sequence[Account], reference: str | None, able: list[Found]) -> Found | Answer:
    """Find what a reference names or, without one, the only thing that can be meant."""
    if reference is not None:
        found = find_named(session, _ids(accounts), reference)
        if found is None and find_online(session, _ids(accounts), reference):
            return Answer("not_possible", "sms_not_possible")
        return found or Answer("not_found", "sms_not_found")
    if len(able) == 1:
        return able[0]
    return Answer("which", "sms_which") if able else Answer("nothing", "sms_nothing")


def _live(session: Session, accounts: Sequence[Account]) -> list[Found]:
    return find_live(session, _ids(accounts))


def _ids(accounts: Sequence[Account]) -> list[UUID]:
    return [one.id for one in accounts]
