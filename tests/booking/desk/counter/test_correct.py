from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate.learned_rows import gate_rows
from booking.desk.counter.arrive import check_in
from booking.desk.counter.errors import TooLateToCorrectError
from booking.desk.counter.walk_ins import correct
from booking.platform.base.errors import FieldError, ForbiddenError, IllegalMoveError
from booking.platform.models import AuditEntry, Label, Message, Outcome, OutcomeCorrection
from booking.platform.models.states import AppointmentState, RequestState
from booking.scheduling.appointments.attend import miss_after_closing, serve
from tests.booking.desk.counter.visits import a_clerk, a_supervisor, a_visit
from tests.support.roles import past_the_roles

DAY = timedelta(days=1)


@pytest.fixture
def supervisor(country):
    return a_supervisor(country)


@pytest.fixture
def missed(country):
    """Nobody came, on a Wednesday."""
    visit = a_visit(country)
    country.clock.set(visit.starts_at + timedelta(hours=9))
    assert miss_after_closing(country) == 1
    return visit


def put_right(core, officer, visit, *, came=True, reason="stood in the wrong line"):
    correct(core, officer_id=officer, reference=visit.reference, came=came, reason=reason)


def known(core):
    as_of = core.clock.now() + timedelta(seconds=1)
    with core.sessions() as session:
        return gate_rows(session, since=as_of - 99 * DAY, as_of=as_of)["label"].tolist()


def test_a_no_show_can_be_corrected_to_served_without_losing_the_first_outcome(country, missed, supervisor):
    country.clock.advance(timedelta(hours=1))
    put_right(country, supervisor, missed)

    assert missed.row.state is AppointmentState.SERVED
    assert missed.row.request.state is RequestState.COMPLETED
    with country.sessions() as session:
        assert session.scalars(select(Outcome.kind)).all() == [AppointmentState.NO_SHOW]
        (kept,) = session.scalars(select(OutcomeCorrection)).all()
        assert (kept.kind, kept.at, kept.account_id) == (AppointmentState.SERVED, country.clock.now(), supervisor)
        assert session.scalars(select(Label.value).order_by(Label.known_at)).all() == [True, False]
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action.like("appointment.corrected%"))).all()
        assert entry.details == {"reason": "stood in the wrong line"}
        told = select(Message.account_id).where(Message.kind == "attendance_corrected")
        assert session.scalars(told).all() == [missed.account_id]
    assert known(country) == [False]


def test_a_visit_marked_served_by_mistake_no_longer_trains_models(country, supervisor):
    visit, clerk = a_visit(country), a_clerk(country)
    country.clock.set(visit.starts_at)
    check_in(country, officer_id=clerk, reference=visit.reference)
    serve(country, officer_id=clerk, reference=visit.reference)
    assert known(country) == [False]
    country.clock.advance(timedelta(minutes=1))
    put_right(country, supervisor, visit, came=False)
    assert visit.row.request.state is RequestState.LAPSED
    assert known(country) == [None]


def test_an_outcome_can_be_corrected_until_the_next_open_day_ends(country, missed, supervisor):
    country.clock.advance(DAY)
    put_right(country, supervisor, missed)
    country.clock.advance(DAY)
    with pytest.raises(TooLateToCorrectError):
        put_right(country, supervisor, missed, came=False)


def test_a_weekend_does_not_count_as_the_next_open_day(country, supervisor):
    visit = a_visit(country, days=4)  # a Thursday
    country.clock.set(visit.starts_at + timedelta(hours=9))
    miss_after_closing(country)
    country.clock.advance(3 * DAY)  # Sunday
    put_right(country, supervisor, visit)
    assert visit.row.state is AppointmentState.SERVED


def test_a_correction_needs_the_supervisor_a_reason_and_another_outcome(country, missed, supervisor):
    for who in (a_clerk(country), a_supervisor(country, office="aleppo")):
        with pytest.raises(ForbiddenError):
            put_right(country, who, missed)
    for reason in (" ", "x" * 501):
        with pytest.raises(FieldError):
            put_right(country, supervisor, missed, reason=reason)
    with pytest.raises(IllegalMoveError):
        put_right(country, supervisor, missed, came=False)
    coming = a_visit(country)
    with pytest.raises(IllegalMoveError):
        put_right(country, supervisor, coming)
    assert missed.row.state is AppointmentState.NO_SHOW


@pytest.mark.parametrize(
    "statement",
    ["UPDATE outcome_correction SET kind = 'no_show'", "DELETE FROM outcome_correction", "TRUNCATE outcome_correction"],
)
def test_corrections_are_never_changed_or_removed(country, missed, supervisor, statement):
    put_right(country, supervisor, missed)
    with pytest.raises(DBAPIError, match="never changed or removed"), past_the_roles(country) as session:
        session.execute(text(statement))
