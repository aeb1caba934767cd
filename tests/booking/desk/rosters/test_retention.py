"""Who was absent is forgotten a month after the day; that the day was changed, and by whom, stays."""

from datetime import timedelta

from booking.desk.rosters.rows import KEPT, forget_absences
from booking.platform.models import RosterRepair
from booking.platform.models.offices.roster import RepairState
from tests.booking.desk.counter.visits import a_supervisor
from tests.booking.desk.rosters.offices import a_repair


def test_who_was_absent_is_forgotten_a_month_after_the_day(country):
    supervisor = a_supervisor(country)
    _, repair_id = a_repair(country, supervisor)

    def repair():
        with country.sessions() as session:
            return session.get_one(RosterRepair, repair_id)

    country.clock.advance(repair().day - country.clock.now().date() + KEPT)
    assert forget_absences(country) == 0
    assert repair().absent == [str(supervisor)]
    country.clock.advance(timedelta(days=1))
    assert forget_absences(country) == 1
    one = repair()
    assert (one.absent, "changes" in one.plan, one.plan["opens"]) == ([], False, 8)
    assert (one.state, one.asked_by) == (RepairState.DROPPED, supervisor)
    assert forget_absences(country) == 0
