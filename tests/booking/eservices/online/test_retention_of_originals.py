"""Papers that do not come: a reminder, then the end of the case."""

from datetime import timedelta

import pytest

from booking.eservices.online.originals import REMINDED_BEFORE, lapse_unposted, remind_of_post
from booking.eservices.online.post_desk import look_at_posted, register_arrival, send_back
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import PaymentState
from tests.booking.eservices.online.posted_papers import TRACKING, originals_of, posted
from tests.support.online_cases import notices, payment_of, stored


def test_late_papers_lapse_after_a_reminder_and_are_sent_back(country, caseworker, clerk):
    asked = posted(country)
    last = originals_of(country, asked.reference).last_day
    country.clock.advance(last - REMINDED_BEFORE - country.today() - timedelta(days=1))
    assert (remind_of_post(country), lapse_unposted(country)) == (0, 0)
    country.clock.advance(timedelta(days=1))
    assert (remind_of_post(country), remind_of_post(country)) == (1, 0)
    country.clock.advance(last - country.today())
    assert lapse_unposted(country) == 0, "the last day still counts"
    country.clock.advance(timedelta(days=1))
    assert (lapse_unposted(country), lapse_unposted(country)) == (1, 0)

    assert stored(country, asked.reference).state is OnlineState.LAPSED
    assert payment_of(country, asked.reference).state is PaymentState.REFUND_DUE
    assert {"online_post_reminder", "online_post_lapsed"} <= set(notices(country, asked.account))
    with pytest.raises(IllegalMoveError):
        register_arrival(country, officer_id=clerk, reference=asked.reference)
    assert look_at_posted(country, officer_id=clerk, reference=asked.reference).can_go_back
    send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)
