"""What happens is sent: signed, in order, again after failures; a receiver that fails for days is paused."""

from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise

from sqlalchemy import select, update
from standardwebhooks import Webhook

from booking.people.webhooks.send import FAILING_FOR, FAILS_AFTER, PAUSES, send_waiting
from booking.people.webhooks.subscribe import pause, resume
from booking.platform.base.clock import SystemClock
from booking.platform.models import AuditEntry, Message, Request, WebhookDelivery, WebhookSubscription
from booking.platform.models.states import RequestState
from booking.platform.models.webhook import Answer, DeliveryState, PauseReason, SubscriptionState
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_request
from tests.support.receivers import subscribed

ACCEPTED, WITHDRAWN, LAPSED = "request.accepted", "request.withdrawn", "request.lapsed"


def accepted(core):
    """One more request that takes part in the next draw; its account and reference."""
    account, asked = a_request(core)
    assert asked.state is RequestState.ACCEPTED
    return account, asked.reference


def states_of(core):
    with core.sessions() as session:
        rows = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.event_number))
        return [(one.state, one.tries, one.answer, one.status) for one in rows]


def the_subscription(core):
    with core.sessions() as session:
        return session.scalars(select(WebhookSubscription)).one()


def later(clock, **time):
    clock.advance(timedelta(**time))


def test_a_request_that_is_asked_and_withdrawn_is_told_in_order_and_signed(country, clock, receiver):
    _, secret = subscribed(country, receiver.url, ACCEPTED, WITHDRAWN)
    account, reference = accepted(country)
    withdraw(country, account_id=account, reference=reference)

    assert send_waiting(country) == 2
    assert receiver.kinds == [ACCEPTED, WITHDRAWN]
    first, second = receiver.got
    assert first.path == "/events?from=mawid"
    assert first.event["data"] == {"reference": reference, "service": "passport-renewal", "state": "accepted"}
    assert first.id != second.id
    assert all(one.is_signed(secret) for one in receiver.got)
    assert int(first.headers["webhook-timestamp"]) == int(clock.now().timestamp())
    assert send_waiting(country) == 0, "what is taken is not sent again"


def test_receivers_own_package_accepts_what_is_sent_today(country, clock, receiver):
    _, secret = subscribed(country, receiver.url, ACCEPTED)
    accepted(country)
    clock.set(SystemClock().now())
    send_waiting(country)

    (got,) = receiver.got
    assert Webhook(secret).verify(got.body, got.headers) == got.event


def test_what_nobody_wants_to_know_is_not_written_down(country, receiver):
    subscribed(country, receiver.url, WITHDRAWN)
    accepted(country)
    send_waiting(country)

    assert (receiver.got, states_of(country)) == ([], [])


def test_a_change_that_is_rolled_back_is_told_to_nobody(country, receiver):
    subscribed(country, receiver.url, LAPSED)
    accepted(country)
    with country.sessions() as session:
        session.execute(update(Request).values(state=RequestState.LAPSED))
        session.rollback()
    send_waiting(country)

    assert receiver.got == []


def test_a_refused_event_is_tried_later_and_holds_back_its_own_subject_alone(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED, WITHDRAWN)
    account, reference = accepted(country)
    withdraw(country, account_id=account, reference=reference)
    _, other = accepted(country)
    receiver.answers = lambda got, _: 500 if got.event["data"]["reference"] == reference else 200

    assert send_waiting(country) == 1
    assert sorted(one["data"]["reference"] for one in receiver.events) == sorted([reference, other])
    assert send_waiting(country) == 0
    assert len(receiver.got) == 2, "its time has not come"
    later(clock, minutes=1)
    receiver.answers = lambda *_: 204
    assert send_waiting(country) == 2
    assert receiver.kinds[2:] == [ACCEPTED, WITHDRAWN]
    assert receiver.got[2].id in {one.id for one in receiver.got[:2]}, "an event keeps its id"
    assert receiver.got[2].body in {one.body for one in receiver.got[:2]}, "and its body, byte for byte"


def test_an_event_that_is_always_refused_is_given_up_and_the_next_one_follows(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED, WITHDRAWN)
    account, reference = accepted(country)
    withdraw(country, account_id=account, reference=reference)
    receiver.answers = lambda got, _: 400 if got.event["type"] == ACCEPTED and reference in str(got.body) else 200
    for wait in (timedelta(0), *PAUSES):
        clock.advance(wait)
        accepted(country)  # what else happens is taken
        send_waiting(country)
    send_waiting(country)

    assert [(state, answer) for state, _, answer, _ in states_of(country)] == [
        (DeliveryState.GIVEN_UP, Answer.REFUSED),
        *[(DeliveryState.TAKEN, Answer.TAKEN)] * (2 + len(PAUSES)),
    ]
    assert [one["type"] for one in receiver.events if one["data"]["reference"] == reference] == [
        *[ACCEPTED] * (len(PAUSES) + 1),
        WITHDRAWN,
    ]


def test_a_receiver_that_refuses_everything_rests_before_it_gets_it_all(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    for _ in range(FAILS_AFTER + 10):
        accepted(country)
    receiver.answers = lambda *_: 500
    send_waiting(country)

    assert FAILS_AFTER <= len(receiver.got) < FAILS_AFTER + country.settings.webhook_calls
    send_waiting(country)
    assert len(receiver.got) < FAILS_AFTER + country.settings.webhook_calls, "it rests"
    assert the_subscription(country).rests_until == clock.now() + PAUSES[0]


def test_a_busy_receiver_is_left_alone_ever_longer_and_starts_afresh(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    accepted(country)
    receiver.answers = lambda *_: 503
    rests = []
    for _ in range(4):
        send_waiting(country)
        rests.append(the_subscription(country).rests_until - clock.now())
        clock.set(the_subscription(country).rests_until)

    assert rests == list(PAUSES[:4])
    assert len(receiver.got) == 4
    receiver.answers = lambda *_: 200
    send_waiting(country)
    assert (the_subscription(country).failures, the_subscription(country).failing_since) == (0, None)


def test_a_receiver_that_fails_for_days_is_paused_and_its_owner_told(country, clock, receiver):
    subscription_id, _ = subscribed(country, receiver.url, ACCEPTED)
    accepted(country)
    receiver.answers = lambda *_: 502
    send_waiting(country)
    later(clock, seconds=FAILING_FOR.total_seconds() - 1)
    send_waiting(country)
    assert the_subscription(country).state is SubscriptionState.ACTIVE
    clock.set(the_subscription(country).rests_until)
    send_waiting(country)

    paused = the_subscription(country)
    assert (paused.state, paused.paused_because) == (SubscriptionState.PAUSED, PauseReason.FAILING)
    with country.sessions() as session:
        told = session.scalars(select(Message).where(Message.kind == "webhook_paused")).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "webhook.paused")).one()
    assert told.account_id == paused.proposed_by
    assert (entry.actor, entry.subject) == ("mawid", str(subscription_id))
    tries = len(receiver.got)
    later(clock, days=1)
    accepted(country)
    send_waiting(country)
    assert len(receiver.got) == tries

    receiver.answers = lambda *_: 200
    resume(country, by=paused.proposed_by, subscription_id=subscription_id)
    assert send_waiting(country) == 2, "what happened meanwhile was kept"


def test_a_receiver_that_answers_410_is_sent_nothing_more(country, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    accepted(country)
    receiver.answers = lambda *_: HTTPStatus.GONE
    send_waiting(country)

    assert the_subscription(country).paused_because is PauseReason.GONE


def test_a_redirect_is_a_refusal_and_nobody_is_followed(country, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    accepted(country)
    receiver.answers = lambda *_: 307
    receiver.headers["location"] = f"{receiver.url}/inside"
    send_waiting(country)

    assert [one.path for one in receiver.got] == ["/events?from=mawid"]
    assert states_of(country) == [(DeliveryState.WAITING, 1, Answer.REFUSED, 307)]


def test_a_paused_receiver_is_sent_nothing_until_it_is_resumed(country, receiver):
    subscription_id, _ = subscribed(country, receiver.url, ACCEPTED)
    owner = the_subscription(country).proposed_by
    pause(country, by=owner, subscription_id=subscription_id)
    accepted(country)
    assert send_waiting(country) == 0
    resume(country, by=owner, subscription_id=subscription_id)
    assert send_waiting(country) == 1


def test_each_subject_keeps_its_order_over_many_connections(country, receiver):
    subscribed(country, receiver.url, ACCEPTED, LAPSED)
    references = [accepted(country)[1] for _ in range(6)]
    moves = [RequestState.LAPSED, RequestState.ACCEPTED] * 5
    for state in moves:
        with country.sessions.begin() as session:
            session.execute(update(Request).values(state=state))

    assert send_waiting(country) == len(references) * (len(moves) + 1)
    for reference in references:
        ours = [one for one in receiver.events if one["data"]["reference"] == reference]
        assert [one["data"]["state"] for one in ours] == ["accepted", *[state.value for state in moves]]
        assert all(one["timestamp"] < other["timestamp"] for one, other in pairwise(ours))
