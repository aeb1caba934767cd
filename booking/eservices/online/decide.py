"""An officer decides a case in their hands: asks for more, approves, refuses, issues; a supervisor revokes."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission
from booking.country.core.messages import tell
from booking.eservices.online.issue import Row, make_result
from booking.eservices.online.officers import ONLINE
from booking.eservices.online.originals import ORIGINAL_IS_MISSING
from booking.eservices.online.rows import case_spec, locked_case
from booking.people.hands.handling import held_case, officer_for, record
from booking.people.payments.capture import end_payment
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError
from booking.platform.models import Account, IssuedResult, OnlineCase, OnlineDecision
from booking.platform.models.online.case import OnlineAct, OnlineState

REASONS: Final[Mapping[OnlineAct, tuple[str, ...]]] = {
    OnlineAct.APPROVAL: ("all_is_there", "confirmed_by_register"),
    OnlineAct.REFUSAL: ("conditions_do_not_hold", "paper_is_not_genuine", "not_competent"),
    OnlineAct.MORE_ASKED: ("unreadable_paper", "paper_is_missing", ORIGINAL_IS_MISSING, "answers_differ"),
    OnlineAct.ISSUING: ("as_approved",),
    OnlineAct.REVOCATION: ("obtained_by_deceit", "issued_by_mistake", "no_longer_true"),
}
LONGEST_NOTE: Final = 2000
LONGEST_PLACE: Final = 200
FURTHEST_DAYS: Final = 366


def approve(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Approve a case in one's hands; its result comes next. A note is wanted only where it says something.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or the note is too long.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case, officer = held_case(ONLINE, session, reference, officer_id)
        _decide(session, core, case, officer, OnlineAct.APPROVAL, reason, note)
        case.move_to(OnlineState.APPROVED)


def refuse(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Refuse a case in one's hands, approved or not; the person reads the note, and what was paid goes back.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or the note is missing or too long.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        state = case.state if case.state is OnlineState.APPROVED else OnlineState.ASSIGNED
        case, officer = held_case(ONLINE, session, reference, officer_id, state)
        _decide(session, core, case, officer, OnlineAct.REFUSAL, reason, note)
        case.move_to(OnlineState.REFUSED)
        _close(core, case)
        case.note = note.strip()
        end_payment(session, case.id)
        tell(session, core, case.account_id, "online_refused", reference=case.reference)


def ask_for_more(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Ask the person for more, in the words of the note; it comes back when they send it.

    See `refuse` for what it raises.
    """
    with core.sessions.begin() as session:
        case, officer = held_case(ONLINE, session, reference, officer_id)
        _decide(session, core, case, officer, OnlineAct.MORE_ASKED, reason, note)
        case.move_to(OnlineState.NEEDS_MORE)
        case.note, case.changed_at = note.strip(), core.clock.now()
        case.hand_back()
        tell(session, core, case.account_id, "online_needs_more", reference=case.reference)


def issue(
    core: Core, *, officer_id: UUID, reference: str, day: date | None = None, time: str = "", place: str = ""
) -> str | None:
    """Issue the result of an approved case; return its number, None where the service issues nothing.

    Parameters
    ----------
    day, time, place
        Where and when, for a service whose result is an appointment that the agency gives; else not looked at.

    Raises
    ------
    ThingTakenError
        Another valid result is for the same thing; the case stays approved, to be refused.
    InvalidInputError
        ``day``, ``time`` or ``place`` of an appointment is unusable.
    CaseNotInHandsError
        The case is not in this officer's hands, or not approved.
    ForbiddenError
        The officer is not of the case's agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case, officer = held_case(ONLINE, session, reference, officer_id, OnlineState.APPROVED)
        kind = case_spec(case).result.kind
        result = None
        if kind == "appointment":
            when = _check_meeting(core, day, time, place)
            result = make_result(session, core, case, day=when, more=_meeting(when, time, place))
        elif kind != "none":
            result = make_result(session, core, case)
        _decide(session, core, case, officer, OnlineAct.ISSUING, "as_approved", "")
        case.move_to(OnlineState.ISSUED)
        _close(core, case)
        tell(session, core, case.account_id, "online_issued", reference=case.reference)
        return result.number if result else None


def revoke(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Revoke an issued result; anyone who checks its code is told at once. The person reads the note.

    Raises
    ------
    IllegalMoveError
        There is nothing to revoke.
    InvalidInputError
        ``reason`` is not a code of this act, or the note is missing or too long.
    ForbiddenError
        The account is not a supervisor of the case's agency.
    OwnCaseError
        The case is of the supervisor's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(ONLINE, session, officer_id, case, Permission.REVOKE_RESULTS)
        result = session.scalar(
            select(IssuedResult).where(IssuedResult.case_id == case.id).with_for_update(of=IssuedResult)
        )
        if result is None:
            raise IllegalMoveError(case.state, OnlineState.REVOKED)
        case.move_to(OnlineState.REVOKED)
        _decide(session, core, case, officer, OnlineAct.REVOCATION, reason, note)
        result.revoked_at, result.revoked_reason = core.clock.now(), reason
        case.note, case.changed_at = note.strip(), core.clock.now()
        tell(session, core, case.account_id, "online_revoked", reference=case.reference)


def _decide(
    session: Session, core: Core, case: OnlineCase, officer: Account, act: OnlineAct, reason: str, note: str
) -> None:
    """Keep a decision in the case's history and in the audit log; raises InvalidInputError."""
    note, errors = note.strip(), []
    if reason not in REASONS[act]:
        errors.append(FieldError("reason", "unknown_reason"))
    if len(note) > LONGEST_NOTE:
        errors.append(FieldError("note", "too_long", most=LONGEST_NOTE))
    elif not note and act not in {OnlineAct.APPROVAL, OnlineAct.ISSUING}:
        errors.append(FieldError("note", "missing"))
    if errors:
        raise InvalidInputError(errors)
    session.add(
        OnlineDecision(
            id=uuid4(),
            case_id=case.id,
            officer_id=officer.id,
            act=act,
            reason_code=reason,
            note=note,
            at=core.clock.now(),
        )
    )
    record(
        ONLINE, session, core, case=case, officer=officer, action=act.value, details={"reason": reason, "note": note}
    )


def _close(core: Core, case: OnlineCase) -> None:
    case.closed_at = case.changed_at = core.clock.now()


def _check_meeting(core: Core, day: date | None, time: str, place: str) -> date:
    errors, today = [], core.today()
    if day is None:
        errors.append(FieldError("day", "missing"))
    elif not 0 < (day - today).days <= FURTHEST_DAYS:
        errors.append(FieldError("day", "past_day" if day <= today else "too_far"))
    hours, _, minutes = time.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60 and len(minutes) == 2):  # noqa: PLR2004 - a clock
        errors.append(FieldError("time", "unreadable"))
    if not place.strip() or len(place) > LONGEST_PLACE:
        errors.append(FieldError("place", "missing" if not place.strip() else "too_long", most=LONGEST_PLACE))
    if errors or day is None:
        raise InvalidInputError(errors)
    return day


def _meeting(day: date, time: str, place: str) -> tuple[Row, ...]:
    return (
        Row("day", "اليوم", "Day", day.isoformat(), day.isoformat()),
        Row("time", "الساعة", "Time", time.strip(), time.strip()),
        Row("place", "المكان", "Place", place.strip(), place.strip()),
    )
