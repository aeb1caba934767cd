"""Events are sent again: one by one, all at once, or those of past days; also where a subscriber goes meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from booking.people.webhooks import again, hand_out
from booking.people.webhooks.again import ask_for_replay, replay, send_test, try_again
from booking.people.webhooks.hand_out import remove_old_events
from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.signing import NoReceiverError, ReplayUnderWayError, make_secret
from booking.people.webhooks.subscribe import end, pause
from booking.people.webhooks.views import list_replays, list_sent
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import (
    Request,
    WebhookDelivery,
    WebhookEvent,
    WebhookReplay,
    WebhookSecret,
    WebhookSubscription,
)
from booking.platform.models.states import RequestState, Role
from booking.platform.models.webhook import DeliveryState
from tests.support.country import a_colleague, a_request
from tests.support.receivers import happened_now, subscribed

ACCEPTED, LAPSED = "request.accepted", "request.lapsed"


@pytest.fixture
def subscription(country, receiver):
    """A receiver of requests."""
    subscription_id, _ = subscribed(country, receiver.url, ACCEPTED, LAPSED)
    return subscription_id


def happen(core, times=1):
    """Ask so many times, at the test's own time."""
    for _ in range(times):
        a_request(core)
    happened_now(core)
    send_waiting(core)


def owner(core):
    with core.sessions() as session:
        return session.scalars(select(WebhookSubscription.proposed_by).limit(1)).one()


def replayed(core, subscription_id, since=0, until=0):
    days = [(core.today() + timedelta(days=one)).isoformat() for one in (since, until)]
    return ask_for_replay(core, by=owner(core), subscription_id=subscription_id, since_day=days[0], until_day=days[1])


def states(core):
    with core.sessions() as session:
        return session.scalars(select(WebhookDelivery.state).order_by(WebhookDelivery.event_number)).all()


def test_the_events_of_past_days_come_again_under_the_ids_that_they_had(country, receiver, subscription):
    happen(country, 3)
    before = [one.id for one in receiver.got]
    replay_id = replayed(country, subscription)
    replay(country, replay_id)
    send_waiting(country)

    assert sorted(one.id for one in receiver.got[3:]) == sorted(before)
    (shown,) = list_replays(country, by=owner(country), subscription_id=subscription)
    assert (shown.events, shown.ended_at is None) == (3, False)
    replay(country, replay_id)
    assert send_waiting(country) == 0, "a replay that is run twice does nothing the second time"


def test_a_replay_is_a_job_of_the_same_transaction(country, receiver, subscription):
    replay_id = replayed(country, subscription)
    with country.sessions() as session:
        jobs = session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = :job"), {"job": again.JOB})
        assert jobs.scalars().all() == [{"replay_id": str(replay_id)}]


def test_what_happened_before_the_days_does_not_come_again(country, clock, receiver, subscription):
    happen(country)
    clock.advance(timedelta(days=3))
    a_request(country)
    with country.sessions.begin() as session:
        latest = select(func.max(WebhookEvent.number)).scalar_subquery()
        session.execute(update(WebhookEvent).where(WebhookEvent.number == latest).values(at=clock.now()))
    send_waiting(country)
    replay(country, replayed(country, subscription, since=-1))
    assert send_waiting(country) == 1
    replay(country, replayed(country, subscription, since=-4, until=-2))
    assert send_waiting(country) == 1


def test_a_subscriber_removed_in_the_middle_of_a_replay_gets_nothing_more(country, receiver, subscription, monkeypatch):
    monkeypatch.setattr(again, "SLICE", 2)
    monkeypatch.setattr(hand_out, "SLICE", 2)
    happen(country, 5)
    replay_id = replayed(country, subscription)
    assert again._replay_slice(country, replay_id)
    end(country, by=owner(country), subscription_id=subscription, reason="no longer a partner")
    replay(country, replay_id)
    tries = len(receiver.got)
    a_request(country)
    send_waiting(country)

    assert len(receiver.got) == tries == 5
    with country.sessions() as session:
        one = session.get_one(WebhookReplay, replay_id)
        assert (one.events, one.ended_at is None) == (2, False)


def test_a_killed_replay_goes_on_where_it_was(country, receiver, subscription, monkeypatch):
    monkeypatch.setattr(again, "SLICE", 2)
    monkeypatch.setattr(hand_out, "SLICE", 2)
    happen(country, 5)
    replay_id = replayed(country, subscription)
    assert again._replay_slice(country, replay_id)
    replay(country, replay_id)
    send_waiting(country)
    (shown,) = list_replays(country, by=owner(country), subscription_id=subscription)
    assert (len(receiver.got), shown.events) == (10, 5)


def test_past_days_are_sent_once_at_a_time_and_then_again(country, receiver, subscription, monkeypatch):
    monkeypatch.setattr(again, "SLICE", 2)
    monkeypatch.setattr(hand_out, "SLICE", 2)
    happen(country, 3)
    other, _ = subscribed(country, receiver.url, LAPSED)
    first = replayed(country, subscription)
    with pytest.raises(ReplayUnderWayError):
        replayed(country, subscription)
    assert again._replay_slice(country, first)
    with pytest.raises(ReplayUnderWayError):
        replayed(country, subscription, since=-1)
    assert replayed(country, other), "that of another system holds nobody up"
    replay(country, first)

    second = replayed(country, subscription)
    with country.sessions() as session:
        its = select(WebhookReplay.id).where(WebhookReplay.subscription_id == subscription)
        assert set(session.scalars(its)) == {first, second}
        jobs = text("SELECT args ->> 'replay_id' FROM procrastinate_jobs WHERE task_name = :job")
        assert len(session.scalars(jobs, {"job": again.JOB}).all()) == 3, "who is refused leaves no job"


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        ("", "2026-01-01", "missing"),
        ("2026-02-02", "2026-02-01", "before_since"),
        ("2020-01-01", "2020-01-02", "early"),
    ],
)
def test_days_that_make_no_period_are_refused(country, receiver, subscription, since, until, reason):
    with pytest.raises(InvalidInputError, match="day") as refused:
        ask_for_replay(country, by=owner(country), subscription_id=subscription, since_day=since, until_day=until)
    assert reason in refused.value.errors[0].reason


def test_a_test_event_holds_nothing_and_comes_at_once(country, receiver, subscription):
    send_test(country, by=owner(country), subscription_id=subscription)
    send_waiting(country)
    (got,) = receiver.events
    assert (got["type"], got["data"]) == ("webhook.test", {})
    pause(country, by=owner(country), subscription_id=subscription)
    with pytest.raises(NoReceiverError):
        send_test(country, by=owner(country), subscription_id=subscription)


def test_what_failed_is_tried_again_by_hand(country, receiver, subscription):
    for _ in range(2):
        a_request(country)
    receiver.answers = lambda *_: 500
    send_waiting(country)
    receiver.answers = lambda *_: 200
    assert send_waiting(country) == 0
    _, sent = list_sent(country, by=owner(country), subscription_id=subscription, state=DeliveryState.WAITING)
    assert try_again(country, by=owner(country), subscription_id=subscription, event_id=sent[0].id) == 1
    assert send_waiting(country) == 1
    assert try_again(country, by=owner(country), subscription_id=subscription) == 1
    assert send_waiting(country) == 1
    with pytest.raises(NotFoundError):
        try_again(country, by=owner(country), subscription_id=subscription, event_id=sent[0].id)
    with pytest.raises(ForbiddenError):
        try_again(country, by=a_colleague(country, Role.ANALYST), subscription_id=subscription)


def test_events_go_after_their_time_and_the_newer_ones_stay(country, clock, receiver, subscription):
    happen(country)
    pause(country, by=owner(country), subscription_id=subscription)
    with country.sessions.begin() as session:
        session.execute(update(Request).values(state=RequestState.LAPSED))
        old = clock.now() - country.settings.webhooks_kept - timedelta(minutes=1)
        session.execute(update(WebhookEvent).values(at=clock.now()))
        session.execute(update(WebhookEvent).where(WebhookEvent.kind == ACCEPTED).values(at=old))
    send_waiting(country)
    replayed(country, subscription)
    clock.advance(timedelta(minutes=2))

    assert remove_old_events(country) == 1
    assert states(country) == [DeliveryState.WAITING]
    clock.advance(country.settings.webhooks_kept)
    assert remove_old_events(country) == 1
    with country.sessions() as session:
        assert session.scalars(select(WebhookReplay)).all() == []
        assert session.scalars(select(WebhookDelivery)).all() == []


def test_the_secrets_of_an_ended_subscription_go_and_of_another_stay(country, clock, receiver, subscription):
    by = owner(country)
    make_secret(country, by=by, subscription_id=subscription)
    other, _ = subscribed(country, receiver.url, ACCEPTED)
    end(country, by=by, subscription_id=subscription, reason="no longer a partner")
    assert secrets_of(country) == {subscription: 2, other: 1}
    clock.advance(timedelta(seconds=1))
    remove_old_events(country)
    assert secrets_of(country) == {other: 1}


def secrets_of(core):
    with core.sessions() as session:
        rows = session.execute(select(WebhookSecret.subscription_id, func.count()).group_by("subscription_id"))
        return {row[0]: row[1] for row in rows}
