from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.country.catalogue.views import local_day
from booking.desk.counter.arrive import Finding, check_in, scan, undo_check_in
from booking.platform.base.errors import ForbiddenError, IllegalMoveError
from booking.platform.base.vault import Vault
from booking.platform.models import AuditEntry
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.attend import serve
from booking.scheduling.appointments.respond import cancel
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import an_account
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours


@pytest.fixture
def visit(country):
    found = a_visit(country)
    country.clock.set(found.starts_at)
    return found


@pytest.fixture
def clerk(country):
    return a_clerk(country)


def actions(core, clerk):
    with core.sessions() as session:
        return session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.account_id == clerk)
            .where(AuditEntry.action.startswith("check_in.") | AuditEntry.action.startswith("appointment."))
            .order_by(AuditEntry.sequence)
        ).all()


def test_a_pass_checks_in_once_and_shows_whose_it_is(country, visit, clerk):
    first = scan(country, officer_id=clerk, text=visit.scanned)
    assert (first.finding, first.line.people) == (Finding.ADMITTED, ("أمل الخيالية",))
    assert visit.row.checked_in_at == country.clock.now()

    country.clock.advance(timedelta(minutes=5))
    again = scan(country, officer_id=clerk, text=visit.scanned)
    assert again.finding is Finding.ALREADY_HERE
    assert again.line.appointment.checked_in_at == visit.starts_at
    assert actions(country, clerk) == ["appointment.checked_in", "check_in.already_here"]


def test_ten_simultaneous_scans_check_a_pass_in_once(country, visit, clerk):
    text, together = visit.scanned, Barrier(10, timeout=PATIENCE)

    def run(_):
        together.wait()
        return scan(country, officer_id=clerk, text=text).finding

    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(run, range(10)))
    assert sorted(found) == [Finding.ADMITTED] + [Finding.ALREADY_HERE] * 9
    assert actions(country, clerk).count("appointment.checked_in") == 1


def test_a_forged_or_damaged_pass_changes_nothing_and_is_logged(country, visit, clerk):
    row = visit.row
    content = passes.PassContent(visit.reference, row.office_id, row.starts_at, 1)
    forged = passes.sign(content, Vault(b"another country's secret, long enough").signing_key())
    for text in (forged, visit.scanned[:-8], "A" * 133, "نص ليس بطاقة".replace(" ", "") * 6):
        assert scan(country, officer_id=clerk, text=text).finding is Finding.FORGED
    assert visit.row.state is AppointmentState.CONFIRMED
    assert actions(country, clerk) == ["check_in.forged"] * 4


def test_a_signed_pass_for_an_unknown_appointment_is_refused(country, clerk):
    content = passes.PassContent("7K2M9D4QX", 1, country.clock.now(), 1)
    text = passes.sign(content, country.vault.signing_key())
    assert scan(country, officer_id=clerk, text=text).finding is Finding.UNKNOWN


def test_another_office_sees_where_the_appointment_is_but_no_names(country, visit):
    found = scan(country, officer_id=a_clerk(country, office="aleppo"), text=visit.scanned)
    assert found.finding is Finding.OTHER_OFFICE
    assert (found.line.appointment.office.code, found.line.people) == ("damascus", ())
    assert visit.row.state is AppointmentState.CONFIRMED


@pytest.mark.parametrize("days", [-1, 1])
def test_a_pass_of_another_day_is_refused(country, visit, clerk, days):
    country.clock.set(visit.starts_at + timedelta(days=days))
    assert scan(country, officer_id=clerk, text=visit.scanned).finding is Finding.OTHER_DAY


def test_the_day_is_in_the_offices_time_not_utc(country, visit, clerk):
    country.clock.set(visit.starts_at.replace(hour=21, minute=0) - timedelta(days=1))
    assert local_day(visit.row.office, country.clock.now()) == local_day(visit.row.office, visit.starts_at)
    found = scan(country, officer_id=clerk, text=visit.scanned)
    assert (found.finding, found.from_when) == (Finding.EARLY, visit.starts_at - timedelta(hours=1))


@pytest.mark.parametrize(
    ("minutes", "finding"),
    [(-61, Finding.EARLY), (-60, Finding.ADMITTED), (15, Finding.ADMITTED), (16, Finding.LATE)],
)
def test_people_may_come_an_hour_early_and_as_late_as_the_pack_allows(country, visit, clerk, minutes, finding):
    country.clock.set(visit.starts_at + timedelta(minutes=minutes))
    assert scan(country, officer_id=clerk, text=visit.scanned).finding is finding


def test_a_clerk_may_accept_late_people_but_not_early_ones(country, visit, clerk):
    country.clock.set(visit.starts_at - timedelta(hours=2))
    early = check_in(country, officer_id=clerk, reference=visit.reference, accept_late=True)
    assert early.finding is Finding.EARLY
    country.clock.set(visit.starts_at + timedelta(hours=2))
    late = check_in(country, officer_id=clerk, reference=visit.reference, accept_late=True)
    assert late.finding is Finding.ADMITTED


def test_each_state_that_cannot_check_in_is_reported_as_itself(country, clerk):
    offered, cancelled, served = a_visit(country, confirmed=False), a_visit(country), a_visit(country)
    cancel(country, account_id=cancelled.account_id, reference=cancelled.reference)
    for visit, finding in ((offered, Finding.NOT_CONFIRMED), (cancelled, Finding.CANCELLED)):
        country.clock.set(visit.starts_at)
        assert check_in(country, officer_id=clerk, reference=visit.reference).finding is finding
    country.clock.set(served.starts_at)
    check_in(country, officer_id=clerk, reference=served.reference)
    serve(country, officer_id=clerk, reference=served.reference)
    assert check_in(country, officer_id=clerk, reference=served.reference).finding is Finding.SERVED


def test_undoing_a_mistaken_check_in_makes_the_pass_valid_again(country, visit, clerk):
    scan(country, officer_id=clerk, text=visit.scanned)
    undo_check_in(country, officer_id=clerk, reference=visit.reference)
    with pytest.raises(IllegalMoveError):
        undo_check_in(country, officer_id=clerk, reference=visit.reference)
    assert visit.row.checked_in_at is None
    assert scan(country, officer_id=clerk, text=visit.scanned).finding is Finding.ADMITTED
    assert actions(country, clerk) == [
        "appointment.checked_in",
        "appointment.check_in_undone",
        "appointment.checked_in",
    ]


def test_only_clerks_of_the_office_scan_passes_and_undo_a_check_in(country, visit, clerk):
    scan(country, officer_id=clerk, text=visit.scanned)
    with pytest.raises(ForbiddenError):
        undo_check_in(country, officer_id=a_clerk(country, office="aleppo"), reference=visit.reference)
    for text in (visit.scanned, "A" * 133):
        with pytest.raises(ForbiddenError):
            scan(country, officer_id=an_account(country), text=text)
