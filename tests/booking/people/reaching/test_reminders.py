"""Reminders come by day, in time to act, and only of what is still to come."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.country.core.messages import tell
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.message_states import MessageState
from booking.platform.models import Message, Request
from booking.scheduling.appointments.expire import remind
from booking.scheduling.appointments.respond import cancel
from tests.booking.antifraud.gate.people import an_appointment
from tests.booking.people.reaching.conftest import phone_of, with_settings

DAMASCUS = ZoneInfo("Asia/Damascus")


@pytest.fixture
def booked(country, gateway):
    """A confirmed appointment in three days, its account and its phone; all notices so far have left."""
    with_settings(country, gateway_sms=SecretStr(gateway.url()))
    reference, _, starts_at = an_appointment(country)
    with country.sessions() as session:
        account = session.scalars(select(Request.account_id)).one()
    deliver_waiting(country)
    return reference, account, starts_at


def state_of(core, kind):
    with core.sessions() as session:
        return session.scalars(select(Message.state).where(Message.kind == kind)).one()


def local(day, hour):
    return datetime(day.year, day.month, day.day, hour, tzinfo=DAMASCUS)


def test_a_reminder_written_at_night_is_sent_in_the_morning(country, gateway, booked):
    _, account, starts_at = booked
    night = local(starts_at.astimezone(DAMASCUS).date() - timedelta(days=2), 23)
    country.clock.set(night)
    assert remind(country) == 1
    assert deliver_waiting(country) == 0

    country.clock.set(night + timedelta(hours=9))

    assert deliver_waiting(country) == 1
    text = gateway.texts(phone_of(country, account))[-1]
    shown = starts_at.astimezone(DAMASCUS)
    assert f"{shown.day}/{shown.month} {shown.hour}:{shown.minute:02d}" in text
    assert "دمشق" in text


@pytest.mark.parametrize("kind", ["reminder", "reminder_early"])
def test_a_reminder_of_a_cancelled_appointment_is_not_sent(country, booked, kind):
    reference, account, starts_at = booked
    country.clock.set(local(starts_at.astimezone(DAMASCUS).date() - timedelta(days=2), 23))
    with country.sessions.begin() as session:
        tell(session, country, account, kind, reference=reference)
    assert deliver_waiting(country) == 0
    cancel(country, account_id=account, reference=reference)
    country.clock.advance(timedelta(hours=9))

    assert deliver_waiting(country) == 1, "that it is cancelled"
    assert state_of(country, kind) is MessageState.TOO_LATE


def test_a_notice_that_cannot_wait_for_morning_is_sent_at_night(country, booked):
    _, _, starts_at = booked
    country.clock.set(local(starts_at.astimezone(DAMASCUS).date(), 3))
    assert starts_at.astimezone(DAMASCUS).hour < 10
    assert remind(country) == 1
    assert deliver_waiting(country) == 1
