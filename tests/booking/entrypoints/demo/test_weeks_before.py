"""The past of a demonstration: what the forecast learns from it, and that it is nobody's."""

from datetime import timedelta

from sqlalchemy import func, select

from booking.country.core.passwords import NOBODYS
from booking.country.open_data.days import publish_days
from booking.entrypoints.demo.country import sized
from booking.entrypoints.demo.weeks_before import weeks_before
from booking.platform.models import Account, OpenDataFile, Request
from booking.platform.models.states import LIVE_REQUEST_STATES
from booking.scheduling.forecast import kept
from tests.booking.entrypoints.demo.test_population import PACK, a_timetable


def test_the_forecast_has_a_past_that_belongs_to_nobody(country, clock):
    timetable = a_timetable(300)
    clock.set(timetable.ends)

    asked = weeks_before(country, sized(PACK, timetable, 300), timetable, seed=1)

    found = kept.read(country, kept.OWN)
    assert found.history["week"].nunique() == kept.SHOWN_WEEKS
    assert found.history["requests"].sum() == asked
    assert (found.weeks["high_95"] > 0).all()
    assert found.absent["no_shows"].sum() > 0
    with country.sessions() as session:
        owners = session.scalars(select(Account).where(Account.id.in_(select(Request.account_id)))).all()
        live = session.scalar(select(func.count()).where(Request.state.in_(LIVE_REQUEST_STATES)))
        counted = session.scalar(select(func.count()).where(func.length(Request.phone_hash) > 0))
    assert {(one.password_hash, one.phone_hash, one.erasure) for one in owners} == {(NOBODYS, b"", 3)}
    assert live == counted == 0
    publish_days(country)
    with country.sessions() as session:
        first = session.scalar(select(func.min(OpenDataFile.day)))
    assert first == (timetable.opens - timedelta(days=1)).date()
