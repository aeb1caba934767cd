"""What is counted of events for other systems names no receiver, and says who is told late."""

from datetime import timedelta

from api.health.events import EventsSent
from booking.people.webhooks.hand_out import measure
from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.subscribe import pause
from tests.support.country import a_request
from tests.support.receivers import happened_now, subscribed, subscribed_agency

ACCEPTED = "request.accepted"


def test_events_are_counted_by_what_became_of_them(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    idle, _, supervisor = subscribed_agency(country, receiver.url, "draw.published")
    a_request(country)
    send_waiting(country)
    receiver.answers = lambda *_: 500
    a_request(country)
    happened_now(country)
    clock.advance(timedelta(minutes=20))
    send_waiting(country)
    found = measure(country)
    assert (found.receivers, found.waiting) == ({"well": 1, "failing": 1, "paused": 0}, 1)
    assert (found.answers, found.given_up) == ({"taken": 1, "refused": 1}, 0)
    assert found.overdue_seconds == 0, "of a receiver that fails it is known why"

    pause(country, by=supervisor, subscription_id=idle)
    assert measure(country).receivers == {"well": 0, "failing": 1, "paused": 1}


def test_an_event_that_no_worker_hands_out_is_overdue(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    happened_now(country)
    clock.advance(timedelta(minutes=15))
    assert measure(country).overdue_seconds == 15 * 60
    send_waiting(country)
    assert measure(country).overdue_seconds == 0


def test_measures_name_no_receiver(country, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    send_waiting(country)
    told = [(one.name, sample.labels) for one in EventsSent(country).collect() for sample in one.samples]
    assert {name for name, _ in told} == {
        "mawid_event_receivers",
        "mawid_events_waiting",
        "mawid_events_overdue_seconds",
        "mawid_event_answers",
        "mawid_events_given_up",
    }
    assert all(receiver.url not in str(labels) and "Register" not in str(labels) for _, labels in told)
