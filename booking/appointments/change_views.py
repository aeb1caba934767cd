"""What has to be known to choose another free time for an appointment."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select

from booking.appointments.change_time import own_appointment, refuse_unchangeable
from booking.core.core import Core
from booking.models import SwapWish
from booking.models.states import Door


@dataclass(frozen=True, slots=True)
class ToChange:
    """An appointment that may be changed: through which door, how many places its people need, which slots they have.

    ``wishes``: it has a wish for the nightly exchange, which ends with it.
    """

    door: Door
    units: int
    has: frozenset[int]
    wishes: bool


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
        )
