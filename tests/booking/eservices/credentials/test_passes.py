"""Passes of appointments in a wallet: what they say, and that they end when the appointment does or is moved."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from booking.eservices.credentials import status
from booking.eservices.credentials.give import end_pass
from booking.eservices.credentials.offer import offer_pass
from booking.eservices.credentials.sd_jwt import PASS
from booking.eservices.credentials.status import KEPT, remove_old_credentials
from booking.eservices.credentials.verify import Standing, verify
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, AppointmentMove, Closure, IssuedCredential, Office
from booking.scheduling.appointments.respond import cancel
from tests.booking.desk.counter.visits import a_supervisor, a_visit
from tests.support.a_wallet import Wallet
from tests.support.country import an_account, an_origin


@pytest.fixture
def visit(country):
    return a_visit(country)


def taken(core, visit, *, whole=True):
    asked = {"account_id": visit.account_id, "reference": visit.reference}
    [text] = Wallet().take(core, offer_pass(core, **asked, whole=whole, origin=an_origin()))
    return text


def test_it_says_where_and_when_and_no_name_until_the_day_is_over(country, visit, gate):
    whole, short, now = taken(country, visit), taken(country, visit, whole=False), country.clock.now()
    found, row = verify(whole, gate(), at=now), visit.row
    local = row.starts_at.astimezone(ZoneInfo(row.office.time_zone))
    assert (found.standing, found.kind.rpartition("/")[2]) == (Standing.VALID, PASS)
    assert found.chosen["office"] == {"ar": row.office.name_ar, "en": row.office.name_en}
    assert (found.chosen["day"], found.chosen["time"]) == (local.date().isoformat(), f"{local:%H:%M}")
    assert (found.chosen["number"], found.chosen["people"]) == (visit.reference, 1)
    assert "holder" not in found.chosen
    assert "الخيالية" not in str(found)
    assert set(verify(short, gate(), at=now).chosen) == {"office", "day"}
    assert found.until.astimezone(local.tzinfo).date() == local.date() + timedelta(days=1)
    assert verify(whole, gate(), at=found.until).standing is Standing.EXPIRED


def test_it_ends_with_the_appointment(country, visit, gate):
    text, other = taken(country, visit), taken(country, a_visit(country))
    cancel(country, account_id=visit.account_id, reference=visit.reference)
    issuer, now = gate(), country.clock.now()
    assert verify(text, issuer, at=now).standing is Standing.REVOKED
    assert verify(other, issuer, at=now).standing is Standing.VALID
    with pytest.raises(NotFoundError):
        taken(country, visit)


def test_one_of_before_a_move_ends_and_its_place_is_never_given_again(country, visit, gate, monkeypatch):
    monkeypatch.setattr(status, "MOST_PLACES", 3)
    before = [taken(country, visit) for _ in range(3)]
    country.clock.advance(timedelta(minutes=1))
    move(country, visit)
    country.clock.advance(timedelta(minutes=1))
    after, issuer, now = taken(country, visit), gate(), country.clock.now()
    assert {verify(one, issuer, at=now).standing for one in before} == {Standing.REVOKED}
    assert verify(after, issuer, at=now).standing is Standing.VALID
    end_pass(country, account_id=visit.account_id, reference=visit.reference)
    assert verify(after, gate(), at=now).standing is Standing.REVOKED


def test_one_that_was_moved_to_an_earlier_day_stays_ended_until_its_own_day_is_over(country, visit, gate):
    text = taken(country, visit)
    country.clock.advance(timedelta(minutes=1))
    move(country, visit, earlier=timedelta(days=45))
    country.clock.set(visit.starts_at - timedelta(days=2))
    assert remove_old_credentials(country) == 0
    assert verify(text, gate(), at=country.clock.now()).standing is Standing.REVOKED
    country.clock.set(visit.starts_at + KEPT + timedelta(days=1))
    assert remove_old_credentials(country) == 1


def move(core, visit, earlier=timedelta(0)):
    """Move an appointment to another office, as closing a day does."""
    row, now = visit.row, core.clock.now()
    with core.sessions.begin() as session:
        there = session.scalars(select(Office.id).where(Office.code == "aleppo")).one()
        closure = Closure(
            office_id=row.office_id,
            local_day=row.starts_at.date(),
            counters=0,
            reason="water in the hall",
            asked_by=a_supervisor(core),
            asked_at=now,
        )
        session.add(closure)
        session.flush()
        session.add(
            AppointmentMove(
                closure_id=closure.id,
                appointment_id=row.id,
                from_office_id=row.office_id,
                from_starts_at=row.starts_at,
                to_office_id=there,
                to_starts_at=row.starts_at - earlier,
                made_at=now,
            )
        )
        times = {"starts_at": row.starts_at - earlier, "ends_at": row.ends_at - earlier}
        session.execute(update(Appointment).where(Appointment.id == row.id).values(office_id=there, **times))


def test_only_the_owner_of_a_confirmed_appointment_that_is_not_over_gets_one(country, visit):
    waiting = a_visit(country, confirmed=False)
    for account, reference in ((an_account(country), visit.reference), (waiting.account_id, waiting.reference)):
        with pytest.raises(NotFoundError):
            offer_pass(country, account_id=account, reference=reference, whole=True, origin=an_origin())
    country.clock.set(visit.starts_at + timedelta(days=1))
    with pytest.raises(NotFoundError):
        taken(country, visit)


def test_its_place_goes_a_month_after_the_day(country, visit):
    taken(country, visit)
    country.clock.set(visit.starts_at + KEPT)
    assert remove_old_credentials(country) == 0
    country.clock.advance(timedelta(days=1))
    assert remove_old_credentials(country) == 1
    with country.sessions() as session:
        assert session.scalars(select(IssuedCredential)).all() == []
