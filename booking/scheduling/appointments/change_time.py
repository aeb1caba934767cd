"""Change a confirmed appointment to another free time in one step: the new place is taken, or the old one stays."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from booking.country.core.core import Core
from booking.country.core.idempotency import fingerprint_of, judged_once
from booking.country.core.messages import tell
from booking.country.core.register import RegisterAwayError
from booking.country.core.security import Origin
from booking.country.places.rows import take_instead
from booking.platform.base.errors import (
    AlreadyLiveError,
    NotFoundError,
    TooLateToCancelError,
    TooManyMovesError,
    VerdictError,
)
from booking.platform.models import Appointment, Request, RequestMember, Slot, SwapWish, UrgentRequest
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    LIVE_URGENT_STATES,
    AppointmentState,
    Door,
    Pool,
    RequestState,
)
from booking.scheduling.appointments.errors import (
    CheckFirstError,
    MovedMeanwhileError,
    NotChangeableError,
    SameTimeError,
)
from booking.scheduling.appointments.reserve import bookable_slot, offered_in, wish_for
from booking.scheduling.appointments.respond import LATEST_MOVE, MOST_MOVES
from booking.scheduling.requests.asking.screen import AWAY, REGISTER, Screened
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import New, keep_judged, keep_new_members, one_live_request
from booking.scheduling.requests.new_request import NewRequest
from booking.scheduling.requests.new_rows import new_request, ranked_codes, wish_row
from booking.scheduling.requests.rows import answer_end, locked_appointment
from booking.scheduling.requests.wish import Wish
from booking.scheduling.requests.wish_again import check_day, same_wish, wish_with
from booking.scheduling.requests.withdraw import turn_of_successor
from fraud.gate import Decision
from fraud.reasons import for_the_person


@dataclass(frozen=True, slots=True)
class Changed:
    """The appointment that is there instead: its reference, its request's, and when it begins (UTC)."""

    reference: str
    request: str
    starts_at: datetime
    replayed: bool


@dataclass(frozen=True, slots=True)
class _New:
    """What was judged and is not stored yet: a request, and the appointment that it is to have."""

    request: NewRequest
    screened: Screened
    slot: Slot
    wish: Wish
    appointment: Appointment


def change_time(
    core: Core,
    *,
    account_id: UUID,
    reference: str,
    slot_id: int,
    origin: Origin,
    begins: datetime | None = None,
    idempotency_key: str | None = None,
) -> Changed:
    """Take a free place of instant booking for the people of an appointment, and give the appointment up for it.

    All of it is one transaction: whoever is refused keeps the appointment exactly as it was. The same people come for
    the same services; the gate judges them as it does any instant booking, and one attempt to hold is spent. The place
    that is given up goes where those of cancelled appointments go, and a wish to exchange it ends. Changes count as
    moves do (`booking.scheduling.appointments.respond.move`), and the turn keeps the priority that it has for the new
    place. What was wished for stays wished for, with the new time beside it, for a later move.

    Parameters
    ----------
    begins
        When the appointment begins, as its holder saw it; None for whatever it is.
    idempotency_key
        A repetition with it changes nothing more, and gets the same answer.

    Raises
    ------
    NotFoundError
        The account has no such appointment.
    NotChangeableError
        It is not confirmed (any more), or urgent, or an urgent case of its request is open.
    MovedMeanwhileError
        It begins at another time than its holder saw: the office moved it, or the exchange did.
    TooManyMovesError
        It was changed or moved twice already.
    TooLateToCancelError
        Less than a day is left.
    SameTimeError
        It has this time already.
    NotBookableError
        There is no such slot in the future, or not through this door.
    SlotFullError
        Not enough places are left.
    CheckFirstError
        The gate wants a check or an officer first.
    VerdictError
        What the registers or the database hold rules the people out.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there, now or on the new day.
    InvalidInputError
        The service, or what may be asked at once, is not as it was; ``accessible``: the office is not accessible.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on instant bookings is reached.
    AlreadyLiveError
        One of the people has another live request for this kind of service.
    IdempotencyConflictError
        The key came before, with another appointment or slot.
    PolicyMissingError
        No quota policy or no rule set is active.
    """

    def judge(session: Session) -> _New:
        try:
            return _judge(session, core, account_id, reference, slot_id, origin, begins)
        except AlreadyLiveError:
            session.expire_all()  # the other one may be what a change that just came first made of this one
            refuse_unchangeable(session, core, own_appointment(session, account_id, reference))
            raise

    def keep(session: Session, new: _New) -> Changed:
        keep_new_members(session, [new.request])
        old = locked_appointment(session, reference, account_id=account_id)
        _refuse(session, core, old, slot_id, begins)
        _replace(session, core, old, new)
        session.add(new.appointment)
        tell(session, core, account_id, "appointment_changed", reference=new.appointment.reference, before=reference)
        return _as_changed(new.appointment, new.request.reference, replayed=False)

    with one_live_request():
        return judged_once(
            core,
            account_id=account_id,
            key=idempotency_key,
            fingerprint=fingerprint_of({"instead of": reference, "slot": slot_id}),
            judge=judge,
            result=lambda new: new.appointment.reference,
            keep=keep,
            again=_replayed,
        )


def _judge(
    session: Session,
    core: Core,
    account_id: UUID,
    reference: str,
    slot_id: int,
    origin: Origin,
    begins: datetime | None,
) -> _New:
    """Judge a change, reading alone, but that it spends an attempt; raises as `change_time`."""
    old = own_appointment(session, account_id, reference)
    _refuse(session, core, old, slot_id, begins)
    wish = same_wish(session, old.request)
    slot, office = bookable_slot(session, core, slot_id, wish)
    wish = wish_with(session, core, old.request, wish_for(wish, slot, office))
    checked, screened = judge_wish(
        session, core, action="hold", account_id=account_id, wish=wish, origin=origin, instead_of=old.request_id
    )
    check_day(session, core, checked.members, checked.errands, door=wish.door, day=slot.local_day)
    if screened.inputs[REGISTER] == AWAY:
        raise RegisterAwayError
    verdict = screened.verdict
    if verdict.decision is not Decision.ACCEPT:
        reasons = for_the_person(reason.as_dict() for reason in verdict.reasons)
        raise VerdictError(reasons) if verdict.decision is Decision.REFUSE else CheckFirstError(reasons)
    request = new_request(core, checked, wish, origin)
    appointment = offered_in(core, request, slot)
    appointment.confirm(appointment.created_at)
    return _New(request, screened, slot, wish, appointment)


def own_appointment(session: Session, account_id: UUID, reference: str) -> Appointment:
    """Return an appointment of an account, not locked; raises NotFoundError."""
    found = session.scalar(
        select(Appointment)
        .join(Request, Request.id == Appointment.request_id)
        .where(Appointment.reference == reference, Request.account_id == account_id)
    )
    if found is None:
        raise NotFoundError
    return found


def _refuse(session: Session, core: Core, old: Appointment, slot_id: int, begins: datetime | None) -> None:
    refuse_unchangeable(session, core, old)
    if begins is not None and begins != old.starts_at:
        raise MovedMeanwhileError
    if slot_id in {claim.slot_id for claim in old.places}:
        raise SameTimeError


def refuse_unchangeable(session: Session, core: Core, old: Appointment) -> None:
    """Let go on only where an appointment may be given up for another time.

    Raises
    ------
    NotChangeableError
        It is not confirmed (any more), or urgent, or an urgent case of its request is open.
    TooManyMovesError
        It was changed or moved twice already.
    TooLateToCancelError
        Less than a day is left.
    """
    case = select(UrgentRequest.id).where(
        UrgentRequest.request_id == old.request_id, UrgentRequest.state.in_(LIVE_URGENT_STATES)
    )
    is_placed = old.state is AppointmentState.CONFIRMED and old.request.state is RequestState.DRAWN
    if not is_placed or old.urgent_request_id is not None or session.scalar(case.limit(1)) is not None:
        raise NotChangeableError
    if old.request.reschedules >= MOST_MOVES:
        raise TooManyMovesError(MOST_MOVES)
    if old.starts_at - core.clock.now() < LATEST_MOVE:
        raise TooLateToCancelError


def _replace(session: Session, core: Core, old: Appointment, new: _New) -> None:
    """End a locked appointment and its request, and write the one that is there instead.

    Places come before people, as where somebody holds a place: whoever waits for one of these people has theirs.
    """
    before = old.request
    old.cancel_without_outcome(core.clock.now())
    take_instead(session, old, new.slot.id, Pool.INSTANT, new.request.units)
    answer_end(session, core, before.id, RequestState.WITHDRAWN)
    before.move_to(RequestState.WITHDRAWN)
    session.flush()
    new.request.move_to(RequestState.HELD)
    new.request.move_to(RequestState.DRAWN)
    new.request.reschedules, new.request.helper_id = before.reschedules + 1, before.helper_id
    keep_judged(session, core, [New(new.request, new.screened)])
    was = wish_row(before, [service.code for service in before.services], ranked_codes(session, before))
    wish = wish_row(new.request, [one.service for one in new.wish.services], new.wish.offices)
    turn = turn_of_successor(before, was, wish)
    session.execute(update(Request).where(Request.id == new.request.id).values(turn))


def _replayed(session: Session, reference: str) -> Changed:
    appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
    return _as_changed(appointment, appointment.request.reference, replayed=True)


def _as_changed(appointment: Appointment, request: str, *, replayed: bool) -> Changed:
    return Changed(appointment.reference, request, appointment.starts_at, replayed=replayed)


@dataclass(frozen=True, slots=True)
class ToChange:
    """An appointment that may be changed: through which door, how many places its people need, which slots they have.

    ``wishes``: it has a wish for the nightly exchange, which ends with it. ``left``: how often it may still be changed
    or moved, this time included.
    """

    door: Door
    units: int
    has: frozenset[int]
    wishes: bool
    left: int


def to_change(core: Core, *, account_id: UUID, reference: str) -> ToChange:
    """Return what another time has to have.

    Raises
    ------
    NotFoundError
        The account has no such appointment.
    NotChangeableError
        It is not confirmed, or urgent, or an urgent case of its request is open.
    TooManyMovesError
        It was changed or moved twice already.
    TooLateToCancelError
        Less than a day is left.
    """
    with core.sessions() as session:
        appointment = own_appointment(session, account_id, reference)
        refuse_unchangeable(session, core, appointment)
        wishes = session.scalar(select(exists().where(SwapWish.appointment_id == appointment.id)))
        return ToChange(
            appointment.request.door,
            appointment.request.units,
            frozenset(claim.slot_id for claim in appointment.places),
            bool(wishes),
            MOST_MOVES - appointment.request.reschedules,
        )


def live_instead(core: Core, *, account_id: UUID, reference: str) -> str | None:
    """Return the reference of the live appointment that the same people of an account have for the same now, if any."""
    over, former, again = aliased(Appointment), aliased(RequestMember), aliased(RequestMember)
    statement = (
        select(Appointment.reference)
        .join(Request, Request.id == Appointment.request_id)
        .join(again, again.request_id == Request.id)
        .join(former, (former.person_id == again.person_id) & (former.exclusive_group == again.exclusive_group))
        .join(over, over.request_id == former.request_id)
        .where(over.reference == reference, over.id != Appointment.id, Request.account_id == account_id)
        .where(again.live, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        .order_by(again.position)
        .limit(1)
    )
    with core.sessions() as session:
        return session.scalar(statement)
