"""What tests of the hall share: an office on a day with people in its hall."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from booking.country.catalogue.views import local_day
from booking.country.core.core import Core
from booking.desk.counter.arrive import check_in
from booking.desk.counter.walk_ins import add
from booking.desk.hall.views import Hall, hall
from booking.platform.models import Roster, RosterShift, Slot, SlotPool
from booking.platform.models.offices.roster import RosterState
from booking.platform.models.states import Pool
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.wish import Also
from tests.booking.desk.counter.visits import Visit, a_clerk, a_visit
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.free_slots import free_slots


@dataclass
class AHall:
    """The hall of Damascus at the time of its first appointment, which is the clock's; nobody is in it yet."""

    core: Core
    clerk: UUID
    visits: list[Visit] = field(default_factory=list)

    @property
    def now(self) -> Hall:
        """The hall as its clerks see it."""
        return hall(self.core, officer_id=self.clerk)

    def come(self, visit: Visit) -> int:
        """Check a party in and return its number."""
        arrival = check_in(self.core, officer_id=self.clerk, reference=visit.reference, accept_late=True)
        number = arrival.line.appointment.hall_number if arrival.line else None
        assert number is not None, arrival.finding
        return number

    def family(self) -> Visit:
        """Book the first free slot for a mother's renewal and her son's first passport; that is the clock's time."""
        core, account = self.core, an_account(self.core)
        son = a_member(core, account, number=eligible_number(core, never_had_passport=True))
        wish = a_wish((a_member(core, account),), also=(Also("new-passport", (son,)),))
        slot = free_slots(core, days=0, units=3)[0]
        held = hold(core, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin())
        confirm_hold(core, account_id=account, reference=held.reference)
        core.clock.set(held.starts_at)
        return Visit(core, account, held.reference, held.starts_at)

    def ticket(self) -> int:
        """Give a ticket to somebody without an appointment."""
        number = eligible_number(self.core)
        return add(self.core, officer_id=self.clerk, national_number=number, service="passport-renewal").ticket

    def fill_the_half_hour(self) -> None:
        """Leave no room for tickets in the half hour of the visits, and enough in the next one."""
        begins = self.visits[0].starts_at
        with self.core.sessions.begin() as session:
            for starts_at, places in ((begins, SlotPool.taken), (begins + timedelta(minutes=30), SlotPool.taken + 5)):
                slots = select(Slot.id).where(Slot.starts_at == starts_at)
                room = update(SlotPool).where(SlotPool.slot_id.in_(slots), SlotPool.pool == Pool.WALK_IN)
                session.execute(room.values(places=places))

    def roster(self, shift: str) -> None:
        """Let the clerk have a shift of the country pack today."""
        with self.core.sessions.begin() as session:
            now, office = self.core.clock.now(), self.now.office
            day = local_day(office, now)
            made = Roster(office_id=office.id, first_day=day, weeks=1, asked_by=self.clerk, asked_at=now)
            made.state = RosterState.PUBLISHED
            session.add(made)
            session.flush()
            session.add(RosterShift(roster_id=made.id, day=day, account_id=self.clerk, shift=shift))

    def wait_until(self, local: time) -> None:
        """Let time go on until a time of today on the office's clock."""
        now = self.core.clock.now().astimezone(ZoneInfo(self.now.office.time_zone))
        self.core.clock.advance(datetime.combine(now.date(), local, now.tzinfo) - now)

    def pass_by(self, minutes: float) -> None:
        """Let time go on."""
        self.core.clock.advance(timedelta(minutes=minutes))


def a_hall(core: Core, *, visits: int = 2, tickets: int = 40) -> AHall:
    """Open a hall with so many appointments of the same half hour, all confirmed, and room for so many tickets."""
    made = [a_visit(core, name=f"زائر {number}") for number in range(visits)]
    starts_at = made[0].starts_at if made else core.clock.now()
    core.clock.set(starts_at)
    with core.sessions.begin() as session:
        slots = select(Slot.id).where(Slot.starts_at == starts_at)
        room = update(SlotPool).where(SlotPool.slot_id.in_(slots), SlotPool.pool == Pool.WALK_IN)
        session.execute(room.values(places=tickets))
    return AHall(core, a_clerk(core), made)
