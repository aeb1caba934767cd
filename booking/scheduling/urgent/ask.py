"""A person asks to be let past the draw; the request itself stays in it meanwhile."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.people.identity.levels import require_level, to_ask
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError
from booking.platform.base.references import new_reference
from booking.platform.models import Request, RequestLeft, RequestMember, UrgentRequest
from booking.platform.models.states import TAKES_EVIDENCE, RequestState, UrgentState
from booking.scheduling.requests.rows import locked_request
from booking.scheduling.requests.wish_again import errands_of, party_of
from booking.scheduling.urgent.errors import TooManyUrgentError, UrgentExistsError, UrgentNotPossibleError
from booking.scheduling.urgent.rows import live_case, own_case

LONGEST_WORDS: Final = 1000
LATEST_NEED: Final = timedelta(days=90)
COUNTED_DAYS: Final = timedelta(days=90)
MAY_ASK: Final = frozenset(
    {RequestState.ACCEPTED, RequestState.CARRIED_OVER, RequestState.UNDER_REVIEW, RequestState.DRAWN}
)


def ask_urgent(
    core: Core, *, account_id: UUID, request_reference: str, reason: str, needed_by: date | None, words: str
) -> str:
    """Begin an urgent case for one's own live request; it goes to officers once evidence is added and it is sent.

    Returns the reference of the case.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    UrgentNotPossibleError
        No urgent case can be asked for in the state of the request.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    UrgentExistsError
        The request has an urgent case already.
    TooManyUrgentError
        The request's first person asked for urgency as often as policy allows.
    NotFoundError
        The account has no such request.
    """
    today, words = core.today(), words.strip()
    severity = next((one.severity for one in core.pack.urgent_reasons if one.code == reason), None)
    errors = [] if severity else [FieldError("reason", "unknown_reason")]
    if needed_by is None:
        errors.append(FieldError("needed_by", "missing"))
    elif not today <= needed_by <= today + LATEST_NEED:
        errors.append(FieldError("needed_by", "past_day" if needed_by < today else "not_urgent_day"))
    if len(words) > LONGEST_WORDS:
        errors.append(FieldError("words", "too_long", most=LONGEST_WORDS))
    if errors or severity is None or needed_by is None:
        raise InvalidInputError(errors)
    with core.sessions.begin() as session:
        request = locked_request(session, request_reference, account_id=account_id)
        if request.state not in MAY_ASK:
            raise UrgentNotPossibleError
        for errand in errands_of(request, party_of(session, request)):
            require_level(errand.members, to_ask(errand.service))
        if live_case(session, request.id) is not None:
            raise UrgentExistsError
        most = policy_limits.read(session, UrgentLimits).urgent_asks_most
        if _asked_before(session, core, request) >= most:
            raise TooManyUrgentError(most)
        case = UrgentRequest(
            reference=new_reference(),
            request_id=request.id,
            account_id=account_id,
            office_id=request.offices[0].office_id,
            state=UrgentState.DRAFT,
            reason_code=reason,
            severity=severity,
            needed_by=needed_by,
            words=words,
            evidence_note="",
            for_supervisor=False,
            over_pool=False,
            created_at=core.clock.now(),
        )
        session.add(case)
        return case.reference


def send_case(core: Core, *, account_id: UUID, request_reference: str) -> None:
    """Send the case with its evidence to the officers, for the first time or once more.

    Raises
    ------
    InvalidInputError
        There is no evidence (or none since officers asked for more).
    NotFoundError
        There is no live case.
    IllegalMoveError
        The case is with the officers already.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        case = own_case(session, account_id, request_reference)
        if case.state not in TAKES_EVIDENCE:  # the table's other ways to the queue are the officers'
            raise IllegalMoveError(case.state, UrgentState.SUBMITTED)
        since = case.assigned_at if case.state is UrgentState.NEEDS_EVIDENCE else None
        added = [one for one in case.evidence if one.removed_at is None and (since is None or one.uploaded_at > since)]
        case.move_to(UrgentState.SUBMITTED)
        if not added:
            raise InvalidInputError([FieldError("file", "no_evidence")])
        case.submitted_at = now
        case.hand_back()
        tell(session, core, account_id, "urgent_submitted", reference=request_reference)


def withdraw_case(core: Core, *, account_id: UUID, request_reference: str) -> None:
    """Take an open case back; the request stays in the draw.

    Raises
    ------
    UrgentNotPossibleError
        It is approved already: the appointment is cancelled instead.
    NotFoundError
        There is no live case.
    """
    with core.sessions.begin() as session:
        case = own_case(session, account_id, request_reference)
        if case.state is UrgentState.APPROVED:
            raise UrgentNotPossibleError
        case.move_to(UrgentState.WITHDRAWN)
        case.hand_back()
        case.closed_at = core.clock.now()


def _asked_before(session: Session, core: Core, request: Request) -> int:
    """Count the cases of the last ninety days for the request's first person, no matter who asked or left since."""
    person = request.members[0].person_id
    asked = (
        UrgentRequest.request_id.in_(select(table.request_id).where(table.person_id == person))
        for table in (RequestMember, RequestLeft)
    )
    counted = session.scalar(
        select(func.count())
        .select_from(UrgentRequest)
        .where(or_(*asked), UrgentRequest.created_at > core.clock.now() - COUNTED_DAYS)
    )
    return counted or 0


def end_with_request(session: Session, core: Core, request_id: UUID, how: RequestState) -> None:
    """End the live case of a locked request, if it has one, as the request ends: withdrawn or lapsed.

    The places of an approved case go back with its appointment (`booking.country.places.rows.give_back`).
    """
    case = live_case(session, request_id, lock=True)
    if case is None:
        return
    lapses = how is RequestState.LAPSED and case.state is not UrgentState.APPROVED
    case.move_to(UrgentState.LAPSED if lapses else UrgentState.WITHDRAWN)
    case.hand_back()
    case.closed_at = core.clock.now()
