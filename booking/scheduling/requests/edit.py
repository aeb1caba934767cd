"""Change a request that waits for a draw; its turn stays, and the new wish has a receipt of its own."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.origin import Origin
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawRunningError, FieldError
from booking.platform.base.fields import raise_all
from booking.platform.models import Request, RequestEdit, RequestLeft, RequestOffice, UrgentRequest
from booking.platform.models.states import WITH_OFFICERS, RequestState
from booking.scheduling.requests.change import Change, refuse_frozen
from booking.scheduling.requests.errors import DrawLostMeanwhileError, EditedMeanwhileError
from booking.scheduling.requests.judge_edit import JudgedEdit, judge_edit
from booking.scheduling.requests.keep import keep_members, link_others
from booking.scheduling.requests.new_rows import choice, ranked_codes, sign, verdict_row, wish_row
from booking.scheduling.requests.rows import locked_request
from booking.scheduling.requests.turns import count_turns
from booking.scheduling.requests.wish import Checked


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of a change: the receipt (hex) that counts now, where the request stands, and what is different.

    ``rests``: lost draws rest since the wish is another one.
    """

    reference: str
    receipt: str
    state: RequestState
    different: frozenset[str]
    rests: bool


def edit(core: Core, *, account_id: UUID, reference: str, change: Change, origin: Origin) -> Edited:
    """Change a request that waits: offices, days, times, access, and people who leave.

    What the turn follows from stays, and all lost draws in which some place fitted the wish as it then was. The others
    count for a wish within that one alone (`booking.scheduling.requests.turns`). The wish before is kept with its
    receipt; a draw that froze it is checked by its own files. A change that changes nothing makes no new receipt.

    Raises
    ------
    NotFoundError
        The account has no such request.
    EditedMeanwhileError
        The request was changed since it was read.
    DrawLostMeanwhileError
        Another draw was lost since it was read.
    IllegalMoveError
        The request does not wait for a draw.
    DrawRunningError
        A draw counts on the request as it is; it can be changed when there is a result.
    InvalidInputError
        Something is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on asking is reached.
    booking.people.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    booking.country.core.register.RegisterAwayError
        Other offices need the register's answer, and it gives none.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    with core.sessions() as session:
        judged = judge_edit(session, core, account_id=account_id, reference=reference, change=change, origin=origin)
    with core.sessions.begin() as session:
        return edit_in(session, core, account_id=account_id, reference=reference, change=change, judged=judged)


def edit_in(
    session: Session, core: Core, *, account_id: UUID, reference: str, change: Change, judged: JudgedEdit
) -> Edited:
    """Make a judged change in the caller's transaction. See `edit`."""
    # a draw that closes takes the lock alone: it would see half of its requests before a change and half after
    if not session.scalar(select(func.pg_try_advisory_xact_lock_shared(CLOSING))):
        raise DrawRunningError
    if judged.wish.together and "together" in judged.different:
        link_others(session, [account_id])  # all of the account's before this one alone: always locked in one order
    request = locked_request(session, reference, account_id=account_id)
    refuse_frozen(session, core, request)
    if request.receipt.hex() != change.receipt:
        raise EditedMeanwhileError
    if change.lost_draws not in (None, request.lost_draws):
        raise DrawLostMeanwhileError
    if given_up := judged.different & {"people", "services"}:
        _refuse_giving_up(session, request, min(given_up))
    if judged.different:
        _keep_what_was(session, core, request)
        with session.no_autoflush:  # wish and receipt change in one statement, or the database refuses it
            _take_out(session, core, request, judged)
            _change(session, core, request, judged)
        keep_members(session, [request])
        if judged.screened is not None:
            session.add(verdict_row(core, request, judged.screened))
        if judged.state is not None:
            request.move_to(judged.state)
            request.decided_at = core.clock.now()
        tell(session, core, account_id, _notice(judged), reference=reference)
    rests = request.resting_draws > 0
    return Edited(reference, request.receipt.hex(), request.state, judged.different, rests)


def _refuse_giving_up(session: Session, request: Request, field: str) -> None:
    """Let nobody and no service leave while officers have an urgent case: it is decided for what its papers are of.

    Raises
    ------
    InvalidInputError
        Officers have one.
    """
    case = select(UrgentRequest.id).where(
        UrgentRequest.request_id == request.id, UrgentRequest.state.in_(WITH_OFFICERS)
    )
    if session.scalar(case.limit(1)) is not None:
        raise_all([FieldError(field, "urgent_with_officers")])


def _notice(judged: JudgedEdit) -> str:
    return "request_edited" if judged.state is None else f"request_{judged.state.value}"


def _keep_what_was(session: Session, core: Core, request: Request) -> None:
    number = session.scalars(select(func.count()).where(RequestEdit.request_id == request.id)).one()
    wish = wish_row(request, [one.code for one in request.services], ranked_codes(session, request))
    session.add(
        RequestEdit(
            request_id=request.id,
            number=number,
            wish=wish.columns(),
            receipt=request.receipt,
            edited_at=core.clock.now(),
        )
    )
    session.flush()


def _take_out(session: Session, core: Core, request: Request, judged: JudgedEdit) -> None:
    """Let people leave, also those for whom the account does not act any more; the others close ranks."""
    staying = {member.person_id for member in judged.checked.members}
    for member in [one for one in request.members if one.person_id not in staying]:
        session.add(RequestLeft(request_id=request.id, person_id=member.person_id, left_at=core.clock.now()))
        request.members.remove(member)
    if request.service_count > 1:
        _give_services_up(session, request, judged.checked)
    for position, member in enumerate(request.members):
        member.position = position
    request.party_size = len(request.members)
    request.units = sum(member.units for member in request.members)


def _give_services_up(session: Session, request: Request, checked: Checked) -> None:
    """Let those who stay come for what is still wanted; one service for all of them needs no rows of its own."""
    places = {errand.service.id: place for place, errand in enumerate(checked.errands)}
    request.service_count = len(places)
    staying = {member.person_id for member in request.members}
    left = [one for one in request.errands if one.person_id in staying and one.service_id in places]
    for member in request.members:
        own = [one for one in left if one.person_id == member.person_id]
        member.exclusive_group, member.units = own[0].exclusive_group, sum(one.units for one in own)
    for one in left:
        one.position = places[one.service_id]
    request.errands = left if request.service_count > 1 else []
    if request.service_id != checked.service.id:
        request.service_id, request.reason_code = checked.service.id, checked.errands[0].reason
        session.expire(request, ["service"])


def _change(session: Session, core: Core, request: Request, judged: JudgedEdit) -> None:
    wish, checked = judged.wish, judged.checked
    session.execute(delete(RequestOffice).where(RequestOffice.request_id == request.id))
    session.expire(request, ["offices"])
    request.offices = [choice(rank, office, wish) for rank, office in enumerate(checked.offices)]
    request.first_day = wish.first_day or core.today()
    request.last_day, request.needed_by = wish.last_day, wish.needed_by
    request.weekdays, request.bands = wish.weekday_mask, ",".join(sorted(wish.bands))
    request.accessible, request.together, request.must_hold = wish.accessible, wish.together, checked.must_hold
    services = [errand.service.code for errand in checked.errands]
    sign(request, services, wish.offices)
    count_turns(session, request, wish_row(request, services, wish.offices))
