"""Notices leave by a real gateway over HTTP, once, in time, by the next channel where one fails."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.country.core.messages import tell
from booking.country.core.register import seal_address
from booking.people.reaching.deliver import deliver_one, deliver_waiting
from booking.people.reaching.senders import IN_A_ROW
from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models import ContactChannel, Delivery, Message, NoticeChoice
from tests.booking.people.reaching.conftest import phone_of, with_settings
from tests.support.country import an_account

NIGHT = datetime(2026, 11, 1, 20, 30, tzinfo=UTC)  # half past eleven in the evening in Damascus


@pytest.fixture
def amal(reached):
    account = an_account(reached, language="en")
    deliver_waiting(reached)
    return account


def say(core, account, kind="request_withdrawn", **values):
    with core.sessions.begin() as session:
        tell(session, core, account, kind, **({"reference": "7K2M9D4QX"} | values))


def message_of(core, account, kind="request_withdrawn"):
    with core.sessions() as session:
        return session.scalars(select(Message).where(Message.account_id == account, Message.kind == kind)).one()


def tries_of(core, message):
    with core.sessions() as session:
        rows = session.scalars(select(Delivery).where(Delivery.message_id == message.id).order_by(Delivery.id))
        return [(one.channel, one.outcome) for one in rows]


def add_email(core, account, address="amal@mail.test", *, first=Channel.SMS):
    now = core.clock.now()
    with core.sessions.begin() as session:
        sealed = seal_address(core.vault, address)
        session.add(
            ContactChannel(
                account_id=account, kind=Channel.EMAIL, address_ciphertext=sealed, confirmed_at=now, created_at=now
            )
        )
        session.add(
            NoticeChoice(
                account_id=account,
                first=first,
                silenced=[],
                quiet_from=21,
                quiet_until=8,
                time_zone="Asia/Damascus",
                changed_at=now,
            )
        )


def test_a_notice_is_sent_once_however_often_its_job_runs(reached, gateway, amal):
    gateway.taken.clear()
    say(reached, amal)
    message = message_of(reached, amal)

    assert deliver_one(reached, str(message.id))
    assert not deliver_one(reached, str(message.id))
    assert deliver_waiting(reached) == 0

    assert gateway.texts(phone_of(reached, amal)) == ["Your request is withdrawn: localhost:8000/r/7K2-M9D-4QX"]
    assert gateway.taken[0].title == ""
    assert tries_of(reached, message) == [(Channel.SMS, TryOutcome.SENT)]


def test_a_code_reaches_a_phone_that_is_not_confirmed_yet(reached, gateway):
    account = an_account(reached, confirmed=False)

    assert deliver_waiting(reached) == 1

    assert "رمز تأكيد هاتفك" in gateway.texts(phone_of(reached, account))[0]


def test_a_busy_gateway_is_tried_again_only_after_the_delay(reached, gateway, amal):
    say(reached, amal)
    gateway.answers = [503, 429]

    assert deliver_waiting(reached) == 0
    assert deliver_waiting(reached) == 0
    reached.clock.advance(timedelta(minutes=1))
    assert deliver_waiting(reached) == 0
    reached.clock.advance(timedelta(minutes=1))
    assert deliver_waiting(reached) == 0
    reached.clock.advance(timedelta(minutes=4))
    assert deliver_waiting(reached) == 1

    outcomes = [outcome for _, outcome in tries_of(reached, message_of(reached, amal))]
    assert outcomes == [TryOutcome.UNAVAILABLE, TryOutcome.UNAVAILABLE, TryOutcome.SENT]


def test_a_notice_that_the_phone_refuses_goes_by_the_next_channel(reached, gateway, amal):
    with_settings(reached, gateway_email=SecretStr(gateway.url("mail")))
    add_email(reached, amal)
    say(reached, amal)
    gateway.taken.clear()
    gateway.answers = [400]

    assert deliver_waiting(reached) == 0
    assert deliver_waiting(reached) == 1

    assert tries_of(reached, message_of(reached, amal)) == [
        (Channel.SMS, TryOutcome.REFUSED),
        (Channel.EMAIL, TryOutcome.SENT),
    ]
    letter = gateway.taken[0]
    assert (letter.path, letter.to, letter.title) == ("/mail", "amal@mail.test", "Mawid: Your request is withdrawn")
    assert letter.text.startswith("Your request is withdrawn: http://localhost:8000/requests/7K2M9D4QX\n")
    assert "Ministry of Interior" in letter.text


def test_the_chosen_channel_comes_first_except_for_account_notices(reached, gateway, amal):
    with_settings(reached, gateway_email=SecretStr(gateway.url("mail")))
    add_email(reached, amal, first=Channel.EMAIL)
    gateway.taken.clear()
    say(reached, amal)
    say(reached, amal, "password_changed")

    deliver_waiting(reached)

    assert {(one.path, one.to) for one in gateway.taken} == {
        ("/mail", "amal@mail.test"),
        ("/sms", phone_of(reached, amal)),
    }
    assert tries_of(reached, message_of(reached, amal, "password_changed")) == [(Channel.SMS, TryOutcome.SENT)]


def test_a_notice_is_given_up_after_a_day_without_an_answer_or_one_refusal(reached, gateway, amal):
    say(reached, amal)
    say(reached, amal, "request_refused")
    gateway.answers = [500, 400] + [500] * 11
    for minutes in [0, *[1, 5, 15] * 2, 1, 5, 60, 1, 5, 240, 1, 5, 999]:
        reached.clock.advance(timedelta(minutes=minutes))
        deliver_waiting(reached)

    by_tries = {
        len(tries_of(reached, one)): one.state
        for one in (message_of(reached, amal), message_of(reached, amal, "request_refused"))
    }
    assert by_tries == {12: MessageState.DEAD, 1: MessageState.DEAD}
    assert gateway.answers == []


def test_a_gateway_that_fails_three_times_still_gets_the_notice_later(reached, gateway, amal):
    say(reached, amal)
    gateway.answers = [503] * 3
    for minutes in (0, 1, 5, 14):
        reached.clock.advance(timedelta(minutes=minutes))
        assert deliver_waiting(reached) == 0
    reached.clock.advance(timedelta(minutes=1))

    assert deliver_waiting(reached) == 1


def test_an_unreachable_gateway_differs_from_one_that_refuses(reached, gateway, amal):
    with_settings(reached, gateway_sms=SecretStr("json://127.0.0.1:9/sms?-to={to}"))
    say(reached, amal)

    deliver_waiting(reached)

    assert tries_of(reached, message_of(reached, amal)) == [(Channel.SMS, TryOutcome.UNREACHABLE)]


def test_thousands_of_notices_do_not_each_wait_for_a_dead_gateway(reached, gateway, amal):
    for _ in range(40):
        say(reached, amal)
    before = gateway.asked
    gateway.answers = [503] * 40

    assert deliver_waiting(reached) == 0
    assert IN_A_ROW <= gateway.asked - before <= IN_A_ROW + reached.settings.gateway_calls
    gateway.answers = []
    reached.clock.advance(timedelta(minutes=1))
    assert deliver_waiting(reached) == 40


def test_a_notice_of_a_killed_process_is_sent_by_another(reached, gateway, amal):
    class Killed(BaseException):
        pass

    class Dying:
        def send(self, address, letter, key):
            raise Killed

    say(reached, amal)
    with pytest.raises(Killed):
        deliver_waiting(reached, {Channel.SMS: Dying()})

    assert deliver_waiting(reached) == 0
    reached.clock.advance(timedelta(minutes=10))
    assert deliver_waiting(reached) == 1


def test_a_failing_carrier_does_not_hold_up_other_notices(reached, amal):
    class Broken:
        def send(self, address, letter, key):
            raise RuntimeError

    say(reached, amal)
    say(reached, amal, "request_refused")
    assert deliver_waiting(reached, {Channel.SMS: Broken()}) == 0
    assert tries_of(reached, message_of(reached, amal, "request_refused")) == [(Channel.SMS, TryOutcome.UNAVAILABLE)]


def test_notices_without_a_carrier_wait_and_are_not_marked_sent(reached, amal):
    say(reached, amal)

    assert deliver_waiting(reached, {}) == 0
    assert message_of(reached, amal).state is MessageState.WAITING
    reached.clock.advance(timedelta(minutes=15))
    assert deliver_waiting(reached) == 1


def test_a_code_that_is_too_old_is_not_sent_any_more(reached, gateway):
    account = an_account(reached, confirmed=False)
    reached.clock.advance(timedelta(minutes=10))

    assert deliver_waiting(reached) == 0
    assert message_of(reached, account, "confirm_phone").state is MessageState.TOO_LATE
    assert gateway.taken == []


def test_a_notice_of_an_unknown_kind_does_not_stop_others(reached, amal):
    with reached.sessions.begin() as session:
        session.add(Message(id=uuid4(), account_id=amal, kind="no_such", values={}, created_at=reached.clock.now()))
    say(reached, amal)

    assert deliver_waiting(reached) == 1
    assert message_of(reached, amal, "no_such").state is MessageState.DEAD


def test_decisions_wait_until_morning_but_codes_do_not(reached, gateway, amal):
    reached.clock.set(NIGHT)
    gateway.taken.clear()
    say(reached, amal, "request_refused")
    say(reached, amal, "displaced")
    an_account(reached, confirmed=False)

    assert deliver_waiting(reached) == 2
    assert message_of(reached, amal, "request_refused").next_at == datetime(
        2026, 11, 2, 5, tzinfo=UTC
    )  # eight in the morning
    reached.clock.set(datetime(2026, 11, 2, 5, tzinfo=UTC))
    assert deliver_waiting(reached) == 1


def test_silencing_reminders_does_not_silence_decisions(reached, gateway, amal):
    add_email(reached, amal)
    with reached.sessions.begin() as session:
        session.get_one(NoticeChoice, amal).silenced = ["reminders", "tips"]
    say(reached, amal, "reminder")
    say(reached, amal, "request_refused")

    assert deliver_waiting(reached) == 1
    assert message_of(reached, amal, "reminder").state is MessageState.SILENCED
    assert message_of(reached, amal, "request_refused").state is MessageState.SENT
