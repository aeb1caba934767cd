"""Check-ins recorded without the network: taken over once, at the time of the scan, never on another day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import select

from booking.country.catalogue.views import local_day
from booking.desk.counter.arrive import AHEAD, Finding, Recorded, check_in, take_over
from booking.platform.base.errors import ForbiddenError, IdempotencyConflictError
from booking.platform.models import Account, AuditEntry
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.respond import cancel
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import an_account
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def visit(country):
    found = a_visit(country)
    country.clock.set(found.starts_at)
    return found


@pytest.fixture
def clerk(country):
    return a_clerk(country)


def recorded(core, text, *, ago=HALF_AN_HOUR, off=timedelta(0), accept_late=False, by=None, key=None):
    """A scan so long ago by a clock that is off by so much, sent now."""
    sent_at = core.clock.now() + off
    return Recorded(key or uuid4(), text, sent_at - ago, sent_at, accept_late, by)


def last_entry(core, reference):
    with core.sessions() as session:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.subject == reference).order_by(AuditEntry.sequence.desc()).limit(1)
        ).one()


def entries(core, reference):
    with core.sessions() as session:
        return session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == reference).order_by(AuditEntry.sequence)
        ).all()


def test_an_offline_check_in_counts_from_the_time_of_the_scan(country, visit, clerk):
    country.clock.advance(HALF_AN_HOUR)
    one = recorded(country, visit.scanned, by=clerk)
    assert take_over(country, officer_id=clerk, recorded=one).finding is Finding.ADMITTED
    assert visit.row.checked_in_at == visit.starts_at
    entry = last_entry(country, visit.reference)
    assert entry.action == "appointment.checked_in"
    assert entry.details == {"recorded_offline_at": visit.starts_at.isoformat(timespec="seconds")}


def test_a_repeated_record_gets_the_same_answer_and_changes_nothing(country, visit, clerk):
    one = recorded(country, visit.scanned, ago=timedelta(minutes=1))
    together = Barrier(6, timeout=PATIENCE)

    def send(_):
        together.wait()
        return take_over(country, officer_id=clerk, recorded=one).finding

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(send, range(6))) == {Finding.ADMITTED}
    assert [each for each in entries(country, visit.reference) if "check" in each] == ["appointment.checked_in"]
    with pytest.raises(IdempotencyConflictError):
        take_over(country, officer_id=clerk, recorded=recorded(country, "7K2M9D4QX", key=one.key))


@pytest.mark.parametrize("off", [timedelta(days=-400), timedelta(hours=-3), timedelta(minutes=20), timedelta(days=2)])
def test_a_clock_that_is_wrong_by_days_does_not_move_the_scan(country, visit, clerk, off):
    country.clock.advance(HALF_AN_HOUR)
    found = take_over(country, officer_id=clerk, recorded=recorded(country, visit.scanned, off=off))
    assert found.finding is Finding.ADMITTED
    assert visit.row.checked_in_at == visit.starts_at
    assert last_entry(country, visit.reference).details["clock_off"] == off.total_seconds()


def test_a_scan_dated_ahead_or_on_another_day_is_refused_and_logged(country, visit, clerk):
    for ago, finding in ((-AHEAD * 2, Finding.CLOCK_AHEAD), (timedelta(hours=20), Finding.DAY_OVER)):
        one = recorded(country, visit.scanned, ago=ago)
        assert take_over(country, officer_id=clerk, recorded=one).finding is finding
        assert last_entry(country, visit.reference).action == f"check_in.{finding.value}"
    assert visit.row.state is AppointmentState.CONFIRMED
    a_little_ahead = recorded(country, visit.scanned, ago=-AHEAD / 2)
    assert take_over(country, officer_id=clerk, recorded=a_little_ahead).finding is Finding.ADMITTED
    assert visit.row.checked_in_at == country.clock.now()


def test_changes_made_meanwhile_are_reported_and_not_overwritten(country, clerk):
    visits = [a_visit(country) for _ in range(2)]
    country.clock.set(visits[0].starts_at)
    scans = [recorded(country, one.scanned, ago=timedelta(minutes=1)) for one in visits]
    check_in(country, officer_id=clerk, reference=visits[0].reference)
    used_at = visits[0].row.checked_in_at
    country.clock.advance(-timedelta(days=2))
    cancel(country, account_id=visits[1].account_id, reference=visits[1].reference)
    country.clock.advance(timedelta(days=2))
    found = [take_over(country, officer_id=clerk, recorded=one).finding for one in scans]
    assert found == [Finding.ALREADY_HERE, Finding.CANCELLED]
    assert visits[0].row.checked_in_at == used_at


def test_check_in_rules_apply_at_the_time_of_the_scan(country, visit, clerk):
    country.clock.advance(timedelta(hours=1))
    late = recorded(country, visit.reference, ago=timedelta(minutes=20))
    assert take_over(country, officer_id=clerk, recorded=late).finding is Finding.LATE
    early = recorded(country, visit.scanned, ago=timedelta(hours=3))
    day = local_day(visit.row.office, country.clock.now() - timedelta(hours=3))
    assert day == local_day(visit.row.office, visit.starts_at)
    assert take_over(country, officer_id=clerk, recorded=early).finding is Finding.EARLY
    received = recorded(country, visit.reference, ago=timedelta(minutes=20), accept_late=True)
    assert take_over(country, officer_id=clerk, recorded=received).finding is Finding.ADMITTED


def test_a_forged_pass_another_office_and_an_unknown_reference_check_nobody_in(country, visit, clerk):
    elsewhere = a_visit(country, office="aleppo")
    for text, finding in (
        ("A" * 133, Finding.FORGED),
        ("not a reference", Finding.FORGED),
        ("7K2M9D4QX", Finding.FORGED),  # its check sign is wrong
        (elsewhere.scanned, Finding.OTHER_OFFICE),
    ):
        one = recorded(country, text, ago=timedelta(minutes=1))
        assert take_over(country, officer_id=clerk, recorded=one).finding is finding


def test_a_clerk_may_send_a_colleagues_records_and_the_log_names_both(country, visit, clerk):
    colleague = a_clerk(country)
    one = recorded(country, visit.scanned, ago=timedelta(minutes=1), by=colleague)
    take_over(country, officer_id=clerk, recorded=one)
    with country.sessions() as session:
        names = [session.get_one(Account, each).username for each in (clerk, colleague)]
    entry = last_entry(country, visit.reference)
    assert [entry.actor, entry.details["recorded_by"]] == names


def test_only_counter_clerks_send_offline_records(country, visit):
    with pytest.raises(ForbiddenError):
        take_over(country, officer_id=an_account(country), recorded=recorded(country, visit.scanned))
    assert visit.row.state is AppointmentState.CONFIRMED
