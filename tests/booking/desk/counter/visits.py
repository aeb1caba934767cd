"""Who the tests of this folder need: confirmed appointments, and people of an office's staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import Appointment
from booking.platform.models.states import Role
from booking.scheduling.appointments.papers import appointment_pass
from booking.scheduling.appointments.reserve import confirm_hold, hold
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_origin
from tests.support.free_slots import free_slots


@dataclass(frozen=True)
class Visit:
    """An appointment at a counter."""

    core: Core
    account_id: UUID
    reference: str
    starts_at: datetime

    @property
    def row(self) -> Appointment:
        """The appointment as it is stored now."""
        with self.core.sessions() as session:
            found = session.scalars(select(Appointment).where(Appointment.reference == self.reference)).one()
            _ = found.request.state
            return found

    @property
    def scanned(self) -> str:
        """What a scanner reads from the pass."""
        return appointment_pass(self.core, self.account_id, self.reference).text


def a_visit(
    core: Core,
    *,
    office: str = "damascus",
    name: str = "أمل الخيالية",
    number: str | None = None,
    days: int = 3,
    confirmed: bool = True,
) -> Visit:
    """An appointment of one person in the first free slot of a day from now."""
    slot = free_slots(core, days=days, office=office)[0]
    account = an_account(core)
    wish = a_wish((a_member(core, account, name=name, number=number),))
    held = hold(core, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin())
    if confirmed:
        confirm_hold(core, account_id=account, reference=held.reference)
    return Visit(core, account, held.reference, held.starts_at)


def a_clerk(core: Core, *, office: str = "damascus") -> UUID:
    """One more clerk of an office."""
    return a_colleague(core, Role.OFFICER, office=office)


def a_supervisor(core: Core, *, office: str = "damascus") -> UUID:
    """One more supervisor of an office."""
    return a_colleague(core, Role.SUPERVISOR, office=office)
