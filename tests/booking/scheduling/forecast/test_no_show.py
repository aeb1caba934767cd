"""The no-show model reminds and counts; it judges nobody."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy import event, select, text

from booking.country.versions.steps import activate
from booking.desk.counter.arrive import check_in
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Message, NoShowModelVersion, Outcome
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.attend import miss, serve
from booking.scheduling.appointments.expire import remind
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.forecast.no_show import (
    NOT_AGAIN_WITHIN,
    REMIND_EARLY,
    coming_appointments,
    expected_absence,
    past_appointments,
    remind_early,
)
from booking.scheduling.forecast.no_show_versions import NO_SHOW, propose_no_show
from booking.scheduling.requests.judge_wish import judge_wish
from fraud.no_show.model import fit_no_show
from fraud.scoring.splits import TrainingError
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.scheduling.forecast.appointments import past
from tests.support.country import a_member, a_wish, an_account, an_analyst, an_origin
from tests.support.free_slots import free_slots
from tests.support.roles import past_the_roles


@pytest.fixture(scope="session")
def artifact():
    return fit_no_show(past(3_000), seed=2)


@pytest.fixture
def in_force(country, artifact):
    version = propose_no_show(country, data=artifact.to_bytes(), by=an_analyst(country))
    activate(country, NO_SHOW, version=version, by=an_analyst(country))


@pytest.fixture
def book(country):
    """Book a confirmed place some days ahead; give its reference and when it begins and ends."""

    def make(account, *, days, member=None):
        slots = free_slots(country, days=days)
        member = member or a_member(country, account)
        held = hold(country, account_id=account, slot_id=slots[0].slot_id, wish=a_wish((member,)), origin=an_origin())
        confirm_hold(country, account_id=account, reference=held.reference)
        return held.reference, held.starts_at

    return make


@pytest.fixture
def who_stayed_away(country, book):
    """An account whose first appointment nobody came to, and a member of it."""
    account, officer = an_account(country), an_officer(country)
    member = a_member(country, account)
    reference, starts_at = book(account, days=2, member=member)
    country.clock.set(starts_at + timedelta(hours=2))
    miss(country, officer_id=officer, reference=reference)
    country.clock.advance(timedelta(hours=1))
    return account, member


def told(core, account):
    with core.sessions() as session:
        return session.scalars(
            select(Message.kind)
            .where(Message.account_id == account, Message.kind.startswith("reminder"))
            .order_by(Message.created_at)
        ).all()


def test_people_likely_to_miss_get_one_early_reminder_more(country, book, who_stayed_away, in_force):
    risky, member = who_stayed_away
    usual = an_account(country)
    _, starts_at = book(risky, days=9, member=member)
    book(usual, days=9)

    assert remind_early(country) == 0  # not a week before yet
    country.clock.set(starts_at - REMIND_EARLY + timedelta(hours=3))
    assert remind_early(country) == 1
    assert remind_early(country) == 0
    assert (told(country, risky), told(country, usual)) == (["reminder_early"], [])

    country.clock.set(starts_at - timedelta(days=1))
    assert remind_early(country) == 0
    assert remind(country) == 2
    assert (told(country, risky), told(country, usual)) == (["reminder_early", "reminder"], ["reminder"])


def test_a_person_who_has_just_confirmed_gets_no_early_reminder(country, book, who_stayed_away, in_force):
    account, member = who_stayed_away
    book(account, days=5, member=member)

    assert remind_early(country) == 0
    country.clock.advance(NOT_AGAIN_WITHIN)
    assert remind_early(country) == 1


def test_a_missing_or_unusable_model_changes_nothing_else(country, book, who_stayed_away, in_force):
    account, member = who_stayed_away
    _, starts_at = book(account, days=5, member=member)
    country.clock.advance(NOT_AGAIN_WITHIN)
    with past_the_roles(country) as session:
        session.execute(text("ALTER TABLE no_show_model_version DISABLE TRIGGER no_show_model_version_fixed"))
        session.execute(text("UPDATE no_show_model_version SET artifact = 'nothing'"))
    assert remind_early(country) == 0
    with country.sessions.begin() as session:
        session.execute(text("DELETE FROM no_show_model_version"))
    assert remind_early(country) == 0

    country.clock.set(starts_at - timedelta(days=1))
    assert remind(country) == 1


def test_features_hold_only_what_was_known_at_booking(country, book, who_stayed_away):
    account, member = who_stayed_away
    made = country.clock.now()
    reference, starts_at = book(account, days=9, member=member)
    country.clock.advance(timedelta(hours=1))
    with country.sessions.begin() as session:  # what happens later is not known then, nor what is older than a year
        past_one = session.scalars(select(Outcome)).one()
        for kind, at in (
            (AppointmentState.SERVED, made),
            (AppointmentState.SERVED, made - timedelta(days=365, seconds=1)),
            (AppointmentState.CANCELLED, made - timedelta(days=365)),
        ):
            session.execute(
                text(
                    "INSERT INTO appointment (id, reference, request_id, office_id, state, starts_at, ends_at,"
                    " confirm_by, created_at) SELECT gen_random_uuid(), left(gen_random_uuid()::text, 12), request_id, "
                    "office_id, 'cancelled', starts_at, ends_at, confirm_by, created_at "
                    "FROM appointment WHERE id = :id"
                ),
                {"id": past_one.appointment_id},
            )
            session.execute(
                text(
                    "INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)"
                    " SELECT a.id, a.request_id, :account, '', '', :kind, :at FROM appointment a"
                    " LEFT JOIN outcome o ON o.appointment_id = a.id WHERE o.appointment_id IS NULL"
                    " AND a.state = 'cancelled' LIMIT 1"
                ),
                {"account": account, "kind": kind.value, "at": at},
            )
        row = coming_appointments(session, after=made, until=starts_at).iloc[-1]

    assert row["reference"] == reference
    assert row["days_ahead"] == pytest.approx((starts_at - made) / timedelta(days=1))
    local = starts_at.astimezone(UTC) + timedelta(hours=3)  # Damascus
    assert (row["hour_of_day"], row["weekday"], row["day"]) == (local.hour, local.weekday(), local.date())
    assert (row["earlier_no_shows"], row["earlier_visits"], row["earlier_cancellations"]) == (1, 0, 1)
    assert (row["party_size"], row["moves"], row["given_by_draw"], row["asks_from_abroad"]) == (1, 0, 0, 0)


def test_training_uses_attendance_known_before_the_day(country, book, who_stayed_away):
    account, officer = an_account(country), an_officer(country)
    reference, starts_at = book(account, days=3)
    country.clock.set(starts_at)
    check_in(country, officer_id=officer, reference=reference)
    serve(country, officer_id=officer, reference=reference)
    served = country.clock.now()

    with country.sessions() as session:
        before = past_appointments(session, as_of=served)
        after = past_appointments(session, as_of=served + timedelta(seconds=1))

    assert before["label"].tolist() == [True]
    assert after["label"].tolist() == [True, False]
    assert after["person"].nunique() == 2


def test_cancelled_appointments_do_not_train_the_no_show_model(country, book):
    account = an_account(country)
    reference, starts_at = book(account, days=3)
    cancel(country, account_id=account, reference=reference)

    with country.sessions() as session:
        assert past_appointments(session, as_of=starts_at + timedelta(days=1)).empty


def test_expected_absences_are_listed_by_office_and_day(country, book, in_force):
    for _ in range(3):
        book(an_account(country), days=4)
    days = 6

    told = expected_absence(country, days=days, overflow_at_most=0.05)

    assert told["office"].tolist() == ["damascus"]
    row = told.iloc[0]
    assert (row["appointments"], row["people"], row["booked"]) == (3, 3, 3)
    assert 0 < row["may_not_come"] < 1.5
    assert row["places"] > 3
    assert row["could_overbook"] == 0 or row["could_overbook"] < row["places"]
    assert expected_absence(country, days=1, overflow_at_most=0.05).empty


def test_the_figures_need_a_model(country):
    with pytest.raises(NotFoundError):
        expected_absence(country, days=14, overflow_at_most=0.05)


def test_no_verdict_depends_on_the_no_show_model(country, artifact):
    """The same wish is judged before and after: nothing differs, and no statement of the gate reads its table."""
    account = an_account(country)
    wish, origin = a_wish((a_member(country, account),)), an_origin()
    statements = []

    def verdict():
        with country.sessions() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", keep)
            try:
                _, screened = judge_wish(session, country, action="ask", account_id=account, wish=wish, origin=origin)
            finally:
                event.remove(engine, "before_cursor_execute", keep)
        inputs = {name: value for name, value in screened.inputs.items() if name != "seen"}
        return screened.verdict, inputs, screened.versions, screened.shadow_scores

    def keep(_connection, _cursor, statement, *_):
        statements.append(statement)

    without = verdict()
    version = propose_no_show(country, data=artifact.to_bytes(), by=an_analyst(country))
    activate(country, NO_SHOW, version=version, by=an_analyst(country))
    with country.sessions() as session:
        assert session.scalars(select(NoShowModelVersion.active)).all() == [True]

    assert verdict() == without
    assert statements
    assert not any("no_show_model" in statement or "reminded" in statement for statement in statements)


def test_the_commands_train_activate_and_show_figures(country, mawid, in_force, book):
    book(an_account(country), days=4)
    out = mawid("fraud", "no-show", "--days", 6, "--overflow", 0.1)
    assert "could_overbook" in out.splitlines()[0]
    assert "damascus" in out
    assert "at most 10.0% of such days" in out
    assert "at most 5.0% of such days" in mawid("fraud", "no-show")
    with country.sessions() as session:
        name = session.scalars(select(Account.username).where(Account.username.startswith("analyst"))).first()
    with pytest.raises(TrainingError, match="at least 500"):
        mawid("fraud", "train-no-show", "--by", name)
