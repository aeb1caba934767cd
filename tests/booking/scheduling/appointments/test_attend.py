from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.desk.counter.arrive import Finding, check_in
from booking.platform.models import Label, Message, Outcome, Slot
from booking.platform.models.states import AppointmentState, LabelKind, RequestState
from booking.scheduling.appointments.attend import miss_after_closing
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.waiting import PATIENCE


@pytest.fixture
def visit(country):
    return a_visit(country)


def closing(core, visit):
    with core.sessions() as session:
        day = session.scalar(
            select(Slot.local_day).where(Slot.office_id == visit.row.office_id, Slot.starts_at == visit.starts_at)
        )
        return session.scalar(
            select(func.max(Slot.ends_at)).where(Slot.office_id == visit.row.office_id, Slot.local_day == day)
        )


def test_nobody_is_a_no_show_before_the_office_closes(country, visit):
    country.clock.set(closing(country, visit) - timedelta(seconds=1))
    assert miss_after_closing(country) == 0
    assert visit.row.state is AppointmentState.CONFIRMED


def test_a_no_show_is_recorded_and_reported_once_at_closing(country, visit):
    elsewhere = a_visit(country, office="aleppo")
    later = a_visit(country, days=5)
    country.clock.set(closing(country, visit))

    assert miss_after_closing(country) == 2
    assert miss_after_closing(country) == 0

    for one in (visit, elsewhere):
        assert one.row.state is AppointmentState.NO_SHOW
        assert one.row.request.state is RequestState.LAPSED
    assert later.row.state is AppointmentState.CONFIRMED
    with country.sessions() as session:
        assert session.scalars(select(Outcome.kind)).all() == [AppointmentState.NO_SHOW] * 2
        labels = session.execute(select(Label.kind, Label.value, Label.source, Label.account_id)).all()
        assert labels == [(LabelKind.ATTENDANCE, True, "closing", None)] * 2
        told = session.scalars(select(Message.account_id).where(Message.kind == "appointment_missed")).all()
        assert sorted(told) == sorted([visit.account_id, elsewhere.account_id])


def test_closing_follows_the_offices_own_clock(country):
    """The consulate's last slot ends while the branches at home have long closed."""
    visit = a_visit(country)
    with country.sessions.begin() as session:
        last = session.scalars(
            select(Slot).where(Slot.office_id == visit.row.office_id).order_by(Slot.ends_at.desc()).limit(1)
        ).one()
        day = session.scalars(
            select(Slot.local_day).where(Slot.office_id == visit.row.office_id, Slot.starts_at == visit.starts_at)
        ).one()
        session.add(
            Slot(
                office_id=last.office_id,
                local_day=day,
                band="afternoon",
                starts_at=closing(country, visit) + timedelta(hours=6),
                ends_at=closing(country, visit) + timedelta(hours=7),
                counters=1,
            )
        )
    country.clock.set(closing(country, visit) - timedelta(minutes=1))
    assert miss_after_closing(country) == 0
    country.clock.advance(timedelta(minutes=1))
    assert miss_after_closing(country) == 1


def test_a_check_in_that_races_the_closing_job_leaves_one_outcome(country):
    clerk, visits = a_clerk(country), [a_visit(country) for _ in range(4)]
    country.clock.set(max(closing(country, visit) for visit in visits))

    def arrive(visit):
        return check_in(country, officer_id=clerk, reference=visit.reference, accept_late=True).finding

    with ThreadPoolExecutor(6) as threads:
        jobs = [threads.submit(miss_after_closing, country) for _ in range(2)]
        found = list(threads.map(arrive, visits))
        ended = sum(job.result(PATIENCE) for job in jobs) + miss_after_closing(country)
    assert ended == found.count(Finding.MISSED)
    assert set(found) <= {Finding.ADMITTED, Finding.MISSED}
    for visit, finding in zip(visits, found, strict=True):
        came = finding is Finding.ADMITTED
        assert visit.row.state is (AppointmentState.CHECKED_IN if came else AppointmentState.NO_SHOW)
