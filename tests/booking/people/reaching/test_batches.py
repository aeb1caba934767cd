"""Many notices at once: batch after batch, each notice once, in an order that favours nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from booking.country.core.messages import tell
from booking.people.reaching import deliver, senders
from booking.people.reaching.carrier import CarrierError
from booking.people.reaching.deliver import deliver_waiting
from booking.people.reaching.senders import IN_A_ROW
from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models import Account, Delivery, Message
from tests.booking.people.reaching.conftest import phone_of
from tests.support.country import an_account


@pytest.fixture
def many(reached, monkeypatch):
    """Two people whom nothing waits for, where three notices are a batch."""
    people = [an_account(reached, language="en") for _ in range(2)]
    deliver_waiting(reached)
    for module in (deliver, deliver):
        monkeypatch.setattr(module, "BATCH", 3)
    return people


def say(core, account, kind="request_withdrawn"):
    with core.sessions.begin() as session:
        tell(session, core, account, kind, reference="7K2M9D4QX")


def left(core):
    with core.sessions() as session:
        waiting = select(Message).where(Message.state == MessageState.WAITING)
        return session.scalars(waiting.order_by(Message.created_at)).all()


def test_each_notice_of_several_batches_is_sent_once_in_the_order_of_events(reached, gateway, many):
    gateway.taken.clear()
    kinds = ["request_withdrawn", "request_refused"] * 5
    for kind in kinds:
        reached.clock.advance(timedelta(seconds=1))
        say(reached, many[0], kind)

    assert deliver_waiting(reached) == len(kinds)

    texts = gateway.texts(phone_of(reached, many[0]))
    assert texts == [texts[0], texts[1]] * 5
    assert texts[0] != texts[1]
    with reached.sessions() as session:
        tries = select(func.count()).join(Message).where(Message.account_id == many[0]).group_by(Message.id)
        assert set(session.scalars(tries.select_from(Delivery))) == {1}


def test_notices_of_one_instant_go_in_the_order_of_their_random_ids(reached, many):
    with reached.sessions.begin() as session:
        for _ in range(6):
            tell(session, reached, many[1], "request_withdrawn", reference="7K2M9D4QX")
    say(reached, many[0])
    first = sorted(left(reached), key=lambda one: (one.created_at, one.id))[:3]

    claimed, _ = deliver.claim(reached, {})

    assert claimed == []
    parked = [one.id for one in left(reached) if one.next_at is not None]
    assert sorted(parked) == sorted(one.id for one in first)


def test_a_run_ends_where_no_gateway_answers_and_no_try_is_lost(reached, gateway, many):
    for _ in range(3 * IN_A_ROW):
        say(reached, many[0])
    gateway.answers = [503] * 3 * IN_A_ROW
    before = gateway.asked

    assert deliver_waiting(reached) == 0

    untouched = [one for one in left(reached) if one.next_at is None]
    assert untouched
    assert (
        sum(one.tries for one in left(reached)) == gateway.asked - before <= IN_A_ROW + reached.settings.gateway_calls
    )


def test_what_is_not_sent_in_time_goes_back_without_a_lost_try(reached, gateway, many, monkeypatch):
    monkeypatch.setattr(senders, "SENT_WITHIN", timedelta(seconds=-1))
    say(reached, many[0])

    assert deliver_waiting(reached) == 0
    assert [(one.tries, one.state) for one in left(reached)] == [(0, MessageState.WAITING)]


def test_nobody_passes_by_those_who_wait_for_the_morning(reached, many):
    reached.clock.set(datetime(2026, 11, 1, 20, 30, tzinfo=UTC))
    for _ in range(4):
        say(reached, many[0], "request_refused")

    deliver_waiting(reached)

    assert deliver.claim(reached, {}) == ([], 0)
    reached.clock.set(datetime(2026, 11, 2, 5, tzinfo=UTC))
    assert deliver_waiting(reached) == 4


def test_a_damaged_account_or_notice_keeps_no_other_notice_back(reached, gateway, many):
    """One phone that could not be decrypted stood first in each batch, and nobody was told anything any more."""
    damaged, other = many
    say(reached, damaged)
    say(reached, other, "request_refused")
    with reached.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == damaged).values(phone_ciphertext=b"damaged"))
        notice = Message.kind == "request_refused"
        session.execute(update(Message).where(notice).values(secret=b"damaged", values={"reference": "7K2M9D4QX"}))
    reached.clock.advance(timedelta(seconds=1))
    say(reached, other)

    assert deliver_waiting(reached) == 1
    assert len(left(reached)) == 2
    assert all(one.next_at > reached.clock.now() for one in left(reached))


def test_a_slow_process_does_not_wake_a_notice_that_another_one_has_sent(reached, many):
    say(reached, many[0])

    class Stuck:
        def send(self, address, letter, key):
            reached.clock.advance(senders.LEASE)
            assert deliver_waiting(reached) == 1
            raise CarrierError(TryOutcome.UNAVAILABLE)

    assert deliver_waiting(reached, {Channel.SMS: Stuck()}) == 0
    assert left(reached) == []
