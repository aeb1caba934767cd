"""What has to be known to choose another free time for an appointment."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from booking.country.core.core import Core
from booking.platform.models import Appointment, Request, RequestMember, SwapWish
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, Door
from booking.scheduling.appointments.change_time import own_appointment, refuse_unchangeable
from booking.scheduling.appointments.respond import MOST_MOVES


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
