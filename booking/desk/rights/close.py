"""The owner closes their account: all that can end does, in one transaction, as if each had been withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell_at_once
from booking.country.core.register import open_phone
from booking.country.core.security import Origin
from booking.country.packs.quotas import RightsLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.clients import stop_helping_in, withdraw_consents_in
from booking.desk.rights.copy import drop_copies_in, forget_files
from booking.desk.rights.errors import NotClosedError, StaffAccountError, UnderWayError
from booking.eservices.credentials.offer import end_offers_in
from booking.eservices.online.send import CAN_WITHDRAW, withdraw_case_in
from booking.people.accounts import change_phone, lost_factor
from booking.people.accounts.codes import Purpose, charge_code, issue_code, spend_code
from booking.people.accounts.errors import AccountClosedError
from booking.people.accounts.opening import find_account
from booking.people.accounts.second_step import Proof, prove_owner
from booking.people.calendars.views import end_all_in
from booking.people.identity.acting import tell_who_else_acts
from booking.platform.base import fields
from booking.platform.base.errors import (
    DrawRunningError,
    IllegalMoveError,
    NotFoundError,
    TooLateToCancelError,
    WrongCodeError,
    WrongCredentialsError,
)
from booking.platform.models import Account, Appointment, OnlineCase, PhoneCode, Request
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, LIVE_REQUEST_STATES, Role
from booking.scheduling.appointments.respond import cancel_in
from booking.scheduling.requests.withdraw import withdraw_in

CLOSES_ALONE: Final = frozenset({Role.CITIZEN, Role.HELPER})
"""Whose accounts their owners close; a colleague's cases would be left behind."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended with an account, and how many online cases go on because their agency is deciding them."""

    requests: int = 0
    appointments: int = 0
    online: int = 0
    undecided: int = 0
    consents: int = 0
    clients: int = 0


def close_account(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> Ended:
    """End what runs in an account, and close it; closing it twice is the same as once.

    Requests, urgent cases and appointments end as if they were withdrawn: places go back by the rules, and appeals end
    with their requests. Online cases do so too, and what was paid goes back; those that an officer is deciding go on,
    for their rule is that nobody takes them back then. Consents end, given to helpers and held as a helper. A change of
    the phone that waits, or a second factor that was said to be lost, is called off. The household stays as it is until
    it is erased (`booking.desk.rights.erase`). Its owner is told by the phone.

    Raises
    ------
    StaffAccountError
        It is a colleague's: an administrator closes it.
    UnderWayError
        A closed draw counts on a request, or an appointment has begun: nothing changed.
    WrongSecondFactorError
        ``proof`` has no code of the account's second factor.
    WrongPasskeyError
        ``proof`` is not an answer of the account's passkey.
    PasskeyCopiedError
        The passkey's counter fell behind.
    WrongCredentialsError
        ``proof`` is not the password of an account without a second factor.
    NotFoundError
        There is no such account.
    TooManyAttemptsError
        Too many proofs were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    SessionsUnavailableError
        The account's sessions cannot be ended now, so nothing changed.
    """
    with core.sessions() as session:
        _refuse_staff(session.get(Account, account_id))
    prove_owner(core, account_id=account_id, proof=proof, origin=origin)
    with core.sessions.begin() as session:
        account = lock_whole(session, account_id)
        if account.closed_at is not None:
            return Ended()
        ended = _end_all(session, core, account)
        account.closed_at, account.closed_by_owner = core.clock.now(), True
        _call_off(session, core, account_id)
        copies = drop_copies_in(session, core, account_id)
        tell_at_once(session, core, account_id, "account_closed")
        sessions.delete_all(core, account_id)  # before the commit: while the store is down, nothing changes
    sessions.delete_all(core, account_id)  # those that began meanwhile
    forget_files(core, copies)
    return ended


def _call_off(session: Session, core: Core, account_id: UUID) -> None:
    """End what waits in an account by itself: codes, addresses of calendars, offers, changes of phone or factor.

    A change that somebody else began must not go on: with its phone they could open the account again. A code that is
    being used at this moment is passed over: whoever uses it waits for the account, and is refused.
    """
    codes = select(PhoneCode.id).where(PhoneCode.account_id == account_id).with_for_update(skip_locked=True)
    session.execute(delete(PhoneCode).where(PhoneCode.id.in_(codes)))
    change_phone.stop_in(session, core, account_id)
    lost_factor.call_off(session, account_id)
    end_all_in(session, account_id)
    end_offers_in(session, account_id)


def lock_whole(session: Session, account_id: UUID) -> Account:
    """Lock an account with what runs in it, requests and cases before the account, as all others do; return it.

    What began between the look and the lock is not locked yet: then all is let go, and locked from the start. Who holds
    a request and begins another thing waits for the account, so locking that request after it could wait for ever.

    Raises
    ------
    NotFoundError
        There is no such account.
    StaffAccountError
        It is a colleague's.
    """
    while True:
        locked = session.begin_nested()
        running = _running(session, account_id, lock=True)
        # What begins in the account takes its row with a lock that waits for this one: see the guards of the database.
        account = session.scalar(
            select(Account)
            .where(Account.id == account_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        _refuse_staff(account)
        if account is None:
            raise NotFoundError
        if _running(session, account_id) <= running:
            locked.commit()
            return account
        locked.rollback()


def _refuse_staff(account: Account | None) -> None:
    if account is not None and not CLOSES_ALONE.issuperset(map(Role, account.roles)):
        raise StaffAccountError


def _running(session: Session, account_id: UUID, *, lock: bool = False) -> set[UUID]:
    found: set[UUID] = set()
    for table, states in ((Request, LIVE_REQUEST_STATES), (OnlineCase, RUNNING | {OnlineState.DRAFT})):
        ids = select(table.id).where(table.account_id == account_id, table.state.in_(states)).order_by(table.id)
        found.update(session.scalars(ids.with_for_update(of=table) if lock else ids))
    return found


def _end_all(session: Session, core: Core, account: Account) -> Ended:
    try:
        appointments = _cancel_appointments(session, core, account.id)
        requests = _withdraw_requests(session, core, account.id)
    except (DrawRunningError, TooLateToCancelError, IllegalMoveError) as error:
        raise UnderWayError from error
    return Ended(
        requests=requests,
        appointments=appointments,
        online=_withdraw_cases(session, core, account.id),
        undecided=len(_cases(session, account.id, RUNNING - CAN_WITHDRAW)),
        consents=withdraw_consents_in(session, core, account.id),
        clients=stop_helping_in(session, core, account),
    )


def _cancel_appointments(session: Session, core: Core, account_id: UUID) -> int:
    references = session.scalars(
        select(Appointment.reference)
        .join(Request, Request.id == Appointment.request_id)
        .where(Request.account_id == account_id, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        .order_by(Appointment.request_id)
    ).all()
    for reference in references:
        cancel_in(session, core, account_id=account_id, reference=reference)
    session.flush()
    return len(references)


def _withdraw_requests(session: Session, core: Core, account_id: UUID) -> int:
    references = session.scalars(
        select(Request.reference)
        .where(Request.account_id == account_id, Request.state.in_(LIVE_REQUEST_STATES))
        .order_by(Request.id)
    ).all()
    for reference in references:
        withdraw_in(session, core, account_id=account_id, reference=reference)
    return len(references)


def _withdraw_cases(session: Session, core: Core, account_id: UUID) -> int:
    references = _cases(session, account_id, CAN_WITHDRAW)
    for reference in references:
        withdraw_case_in(session, core, account_id=account_id, reference=reference)
    return len(references)


def _cases(session: Session, account_id: UUID, states: frozenset[OnlineState]) -> Sequence[str]:
    return session.scalars(
        select(OnlineCase.reference)
        .where(OnlineCase.account_id == account_id, OnlineCase.state.in_(states))
        .order_by(OnlineCase.id)
    ).all()


def send_code(core: Core, *, username: str, password: str, origin: Origin) -> None:
    """Send a code to the phone of an account that its owner closed.

    Raises
    ------
    WrongCredentialsError
        User name and password do not belong together; an unknown user name takes the same time.
    NotClosedError
        The account is open: its owner signs in.
    AccountClosedError
        An administrator closed it, or the days in which its owner can open it are over.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    TooManyCodesError
        Too many codes were asked for.
    BusyError
        Too many passwords are being compared.
    """
    account = _closed_account(core, username, password, origin)
    charge_code(core, origin=origin, phone=open_phone(core.vault, account), account=str(account.id))
    with core.sessions.begin() as session:
        issue_code(session, core, account_id=account.id, purpose=Purpose.REOPEN_ACCOUNT)


def reopen_account(core: Core, *, username: str, password: str, code: str, origin: Origin) -> None:
    """Open a closed account again; what ended with it stays over. Its owner is told by the phone.

    Whoever else acts for its proven people is told too: while it was closed, their pages did not show it.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often.
    WrongCredentialsError
        User name and password do not belong together; an unknown user name takes the same time.
    NotClosedError
        The account is open: its owner signs in.
    AccountClosedError
        An administrator closed it, or the days in which its owner can open it are over.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    """
    account_id = _closed_account(core, username, password, origin).id
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        right = spend_code(session, core, account_id=account_id, purpose=Purpose.REOPEN_ACCOUNT, code=code)
        if right and account.erased_at is None:
            account.closed_at, account.closed_by_owner = None, False
            tell_at_once(session, core, account_id, "account_reopened")
            for member in account.household:
                if member.is_proven:
                    tell_who_else_acts(session, core, member)
    if not right:
        raise WrongCodeError


def days_to_reopen(core: Core) -> int:
    """Return for how many days a closed account can be opened again."""
    with core.sessions() as session:
        return policy_limits.pick(RightsLimits, policy_limits.find_active_limits(session)).account_reopen_days


def _closed_account(core: Core, username: str, password: str, origin: Origin) -> Account:
    name = fields.known_username(username)
    charge(core, "signin", origin.subjects(account=name, visitor=origin.visitor(name)))
    with core.sessions() as session:
        account = find_account(session, name)
    typed = fields.typed_password(password)
    right = core.passwords.matches(typed or "", account.password_hash if account else None)
    if account is None or typed is None or not right:
        raise WrongCredentialsError
    if account.closed_at is None:
        raise NotClosedError
    last = account.closed_at + timedelta(days=days_to_reopen(core))
    if not account.closed_by_owner or core.clock.now() >= last:
        raise AccountClosedError
    return account
