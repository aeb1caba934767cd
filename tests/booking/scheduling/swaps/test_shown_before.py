"""What showed an appointment before the exchange moved it: passes in wallets end, calendars see another revision."""

from sqlalchemy import select

from booking.eservices.credentials.documents import own_pass
from booking.eservices.credentials.status import status_list
from booking.people.calendars.writing import read, rows
from booking.platform.models import Appointment, IssuedCredential
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, wishes


def test_what_showed_the_place_before_ends_or_changes(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    account = found(world, holder).request.account_id
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    with world.core.sessions.begin() as session:
        session.add(
            IssuedCredential(list=0, position=5, appointment_id=found(world, holder).id, issued_at=world.clock.now())
        )
    (before,) = calendar(world)
    held = status_list(world.core, 0).same
    a_night(world)

    (after,) = calendar(world)
    assert (after.revision, after.stamp > before.stamp) == (before.revision + 1, True)
    assert status_list(world.core, 0).same.split()[2] != held.split()[2]
    with world.core.sessions.begin() as session:
        document = own_pass(session, world.core, account_id=account, reference=holder)
    assert (document.since, document.hidden["day"]) == (world.clock.now(), (FIRST_DAY + DAY).isoformat())


def calendar(world):
    with world.session() as session:
        assert session.scalars(select(Appointment)).one()
        return read(session.execute(rows()))
