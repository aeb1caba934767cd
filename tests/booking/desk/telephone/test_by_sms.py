"""The dialogue goes by text message too, for a confirmed phone alone; commands stay what they were."""

import itertools
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select

from booking.country.core import sessions
from booking.desk.telephone.talk import KIND, take_sms
from booking.platform.models import IncomingMessage, Message, Request, Verdict
from booking.platform.models.states import RequestState
from tests.booking.desk.telephone.callers import Caller, an_owner, phone_of
from tests.booking.desk.telephone.test_following import a_request_of
from tests.booking.people.reaching.conftest import with_settings
from tests.support.country import a_member, an_account, last_secret
from tests.support.open_draws import open_a_draw

_numbers = itertools.count(1)


def send(core, phone, text, *, provider_id=None):
    """What was done, in a word."""
    return take_sms(core, provider_id=provider_id or f"m{next(_numbers)}", sender=phone, content=text)


def test_a_request_is_asked_for_by_text_messages(country, clock):
    with_settings(country, incoming_sms_number="1515")
    account, number = an_owner(country, language="en")
    phone = phone_of(country, account)

    def told(text):
        clock.advance(country.settings.otp_lifetime / 60)
        assert send(country, phone, text) == "dialogue"
        return last_secret(country, account, KIND)

    assert "2 English" in told("قائمة")
    assert told("2") == "Type your national number."
    told(number)
    told("1")
    code = last_secret(country, account, "telephone")
    assert told(code).startswith("What would you like?")
    assert told("٢").startswith("Which service?")
    for key, said in (("1", "For which reason?"), ("1", "Which office?"), ("1", "Which office?"), ("1", "When?")):
        assert told(key).startswith(said)
    assert told("1").startswith("Passport renewal, أمل, Damascus,")
    assert told("1").startswith("Your request is accepted")
    with country.sessions() as session:
        assert session.scalars(select(Request.account_id)).one() == account
        assert session.scalars(select(Verdict)).one().inputs["by"] == "sms"
        kept = session.scalars(select(Message).where(Message.kind == KIND)).all()
    assert all(one.values == {} and "أمل".encode() not in one.secret for one in kept)
    assert told("2").startswith("Thank you.")
    assert "2 English" in told("MENU"), "another one begins"


def test_commands_strangers_and_repetitions_are_not_taken_for_the_dialogue(country):
    with_settings(country, incoming_sms_number="1515")
    account = an_account(country)
    a_member(country, account)
    phone = phone_of(country, account)
    assert send(country, phone, "1") == "told", "no dialogue waits for it"
    assert send(country, phone, "menu", provider_id="same") == "dialogue"
    assert send(country, phone, "menu", provider_id="same") == "repeated"
    assert send(country, phone, "123456") == "wrong_code", "a code that the dialogue does not wait for is a command's"
    assert send(country, phone, "حالة") == "told"
    assert send(country, "+963944999999", "menu") == "unknown_number"
    assert send(country, "nobody", "menu") == "no_number"
    with country.sessions() as session:
        kept = session.scalars(select(IncomingMessage.outcome)).all()
        texts = session.scalars(select(Message.kind)).all()
    assert sorted(kept) == ["told", "told", "wrong_code"]
    assert texts.count(KIND) == 1
    for _ in range(40):
        if (outcome := send(country, phone, "menu")) != "dialogue":
            break
    assert outcome == "too_many"
    assert not Caller(country, phone).screen.ends, "who forges text messages keeps nobody from a call"


def test_who_forges_the_sender_gives_nothing_up_in_a_dialogue_that_waits(country, clock):
    with_settings(country, incoming_sms_number="1515")
    open_a_draw(country, "d1")
    account, number = an_owner(country, language="en")
    phone = phone_of(country, account)
    a_request_of(country, account)

    def state():
        with country.sessions() as session:
            return session.scalars(select(Request.state)).one()

    for text in ("menu", "2", number, "1"):
        send(country, phone, text)
    send(country, phone, last_secret(country, account, "telephone"))
    clock.advance(country.settings.otp_lifetime / 60)
    for forged in ("0", "1", "1"):
        send(country, phone, forged)
    clock.advance(country.settings.otp_lifetime / 60)
    assert send(country, phone, "1") == "dialogue"
    assert last_secret(country, account, KIND).startswith("A code comes in another message.")
    assert state() is RequestState.ACCEPTED
    assert send(country, phone, last_secret(country, account, "cancel_by_sms")) == "done", "its owner reads the code"
    assert state() is RequestState.WITHDRAWN


def test_a_dialogue_ends_with_the_sessions_of_its_owner_and_begins_anew(country):
    with_settings(country, incoming_sms_number="1515")
    account, number = an_owner(country, language="en")
    phone = phone_of(country, account)

    def told(text):
        country.clock.advance(timedelta(seconds=1))
        assert send(country, phone, text) == "dialogue"
        return last_secret(country, account, KIND)

    for text in ("menu", "2", number, "1"):
        told(text)
    assert told(last_secret(country, account, "telephone")).startswith("What would you like?")
    sessions.delete_all(country, account)
    for said in ("This call has ended.", "مواعيد الجوازات"):
        assert said in told("menu")


def test_the_store_of_calls_shows_nobody_whose_dialogue_it_is(country):
    with_settings(country, incoming_sms_number="1515")
    account, _ = an_owner(country)
    phone = phone_of(country, account)
    assert send(country, phone, "menu") == "dialogue"
    kept = b" ".join(country.redis.scan_iter("*call:*"))
    guesses = {phone, f"sms\0{phone}"}
    assert kept
    assert not any(guess.encode() in kept or sha256(guess.encode()).hexdigest().encode() in kept for guess in guesses)
