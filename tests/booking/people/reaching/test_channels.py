"""Channels are confirmed by a code that goes there, choices can silence only what nobody needs."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from booking.country.packs.loading import read_pack
from booking.people.reaching.choices import (
    add_channel,
    confirm_channel,
    read_choices,
    remove_channel,
    resend_channel_code,
    save_choices,
)
from booking.people.reaching.deliver import deliver_waiting
from booking.people.reaching.notice_text import Group
from booking.people.reaching.recipients import QuietHours, UsualZones, masked, read_new_address, zones
from booking.platform.base.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    PhoneNotConfirmedError,
    WrongCodeError,
)
from booking.platform.base.message_states import Channel
from booking.platform.base.settings import Environment
from booking.platform.models import ContactChannel, Message, NoticeChoice
from booking.platform.models.states import Door
from tests.booking.people.reaching.conftest import phone_of, with_settings
from tests.support.country import an_account, an_origin, last_secret
from tests.support.meanwhile import refused_after

EMAIL = "amal@mail.test"


@pytest.fixture
def amal(reached):
    return an_account(reached, language="en")


def add(core, account, channel=Channel.EMAIL, address=EMAIL):
    core.clock.advance(timedelta(seconds=1))
    add_channel(core, account_id=account, channel=channel, address=address, origin=an_origin())


def code_of(core, account):
    return last_secret(core, account, "confirm_channel")


def choose(core, account, **changes):
    fields = {
        "language": "en",
        "first": "sms",
        "wanted": ["reminders", "tips"],
        "quiet_from": 21,
        "quiet_until": 8,
        "time_zone": "Asia/Damascus",
    }
    save_choices(core, account_id=account, **(fields | changes))


def test_a_code_goes_only_to_the_new_address_and_confirms_it(reached, gateway, amal):
    with_settings(reached, gateway_email=SecretStr(gateway.url("mail")))
    add(reached, amal)
    deliver_waiting(reached)
    assert [(one.to, one.title) for one in gateway.taken if one.path == "/mail"] == [
        (EMAIL, "Mawid: Your code to confirm this address")
    ]
    with pytest.raises(WrongCodeError):
        confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code="000000")

    confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code=code_of(reached, amal))

    gateway.taken.clear()
    deliver_waiting(reached)
    assert [one.to for one in gateway.taken] == [phone_of(reached, amal)], "the phone is told of it"
    choices = read_choices(reached, account_id=amal, language="en")
    assert [(way.channel, way.masked, way.confirmed) for way in choices.ways] == [
        (Channel.SMS, f"••• {phone_of(reached, amal)[-3:]}", True),
        (Channel.EMAIL, "a•••@mail.test", True),
    ]


def test_an_address_is_stored_encrypted_and_a_new_code_replaces_the_old(reached, amal):
    add(reached, amal)
    old = code_of(reached, amal)
    with reached.sessions() as session:
        assert b"amal" not in session.scalars(select(ContactChannel.address_ciphertext)).one()

    reached.clock.advance(timedelta(seconds=1))
    resend_channel_code(reached, account_id=amal, channel=Channel.EMAIL, origin=an_origin())

    if old != code_of(reached, amal):
        with pytest.raises(WrongCodeError):
            confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code=old)
    confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code=code_of(reached, amal))
    with pytest.raises(NotFoundError):
        confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code=code_of(reached, amal))


def test_no_code_is_sent_to_an_address_that_is_removed_meanwhile(reached, amal):
    add(reached, amal)
    sent = code_of(reached, amal)

    refused = refused_after(
        reached,
        lambda owner: owner.execute(delete(ContactChannel)),
        lambda: resend_channel_code(reached, account_id=amal, channel=Channel.EMAIL, origin=an_origin()),
    )

    assert isinstance(refused, NotFoundError)
    assert code_of(reached, amal) == sent


def test_a_removed_address_is_no_longer_the_first_choice(reached, amal):
    add(reached, amal)
    with pytest.raises(InvalidInputError, match="first"):
        choose(reached, amal, first="email")
    confirm_channel(reached, account_id=amal, channel=Channel.EMAIL, code=code_of(reached, amal))
    choose(reached, amal, first="email")

    remove_channel(reached, account_id=amal, channel=Channel.EMAIL)

    assert read_choices(reached, account_id=amal, language="en").reader.channels(Group.DECISIONS, None) == (
        Channel.SMS,
    )
    with pytest.raises(NotFoundError):
        remove_channel(reached, account_id=amal, channel=Channel.EMAIL)


def test_a_channel_needs_to_be_offered_and_the_phone_confirmed_first(reached, amal):
    with pytest.raises(PhoneNotConfirmedError):
        add(reached, an_account(reached, confirmed=False))
    with pytest.raises(NotFoundError):
        add(reached, amal, Channel.SMS, "0944123456")
    with_settings(reached, environment=Environment.PRODUCTION)
    with pytest.raises(NotFoundError):
        add(reached, amal)


def test_notices_that_people_need_cannot_be_silenced(reached, amal):
    choose(reached, amal, wanted=["nonsense", "decisions"])
    reader = read_choices(reached, account_id=amal, language="en").reader
    assert reader.silenced == {Group.REMINDERS, Group.TIPS}

    with pytest.raises(IntegrityError), reached.sessions.begin() as session:
        session.get_one(NoticeChoice, amal).silenced = ["decisions"]


def test_all_mistakes_in_choices_are_reported_at_once(reached, amal):
    with pytest.raises(InvalidInputError) as told:
        choose(reached, amal, language="fr", quiet_from=24, quiet_until=-1, time_zone="Mars/Base")
    assert [one.field for one in told.value.errors] == ["language", "quiet_from", "quiet_until", "time_zone"]


def test_the_latest_notices_are_listed_without_their_texts(reached, amal):
    add(reached, amal)
    latest = read_choices(reached, account_id=amal, language="en").latest
    assert latest[0].subject == "Your code to confirm this address"
    with reached.sessions() as session:
        assert len(latest) == len(session.scalars(select(Message.id)).all())


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Amal@Mail.Test ", "Amal@mail.test"),
        ("\u200famal+x@mail.test", "amal+x@mail.test"),
        ("amal@بريد.test", "amal@xn--ngbof4h.test"),
    ],
)
def test_an_email_address_is_read_as_people_type_it(typed, stored):
    assert read_new_address(Channel.EMAIL, typed, "SY") == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("amal", "amal@", "@mail.test", "a b@mail.test", "amal@mail", "amal@mail..test", "a@b.test\nBcc: x@y.test"),
        *("a,b@mail.test", "amal@-mail.test", "x" * 65 + "@mail.test", "<a@mail.test>", "amal@mail.test, b@mail.test"),
    ],
)
def test_text_that_is_not_an_email_address_is_refused(typed):
    with pytest.raises(FieldError) as told:
        read_new_address(Channel.EMAIL, typed, "SY")
    assert (told.value.field, told.value.reason) == ("address", "no_email")


def test_numbers_of_messengers_are_read_as_people_type_them():
    assert read_new_address(Channel.TELEGRAM, "١٢٣٤٥٦٧٨٩", "SY") == "123456789"
    assert read_new_address(Channel.WHATSAPP, "0944 123 456", "SY") == "+963944123456"
    for channel, typed in ((Channel.TELEGRAM, "@amal"), (Channel.TELEGRAM, "0123456"), (Channel.WHATSAPP, "12")):
        with pytest.raises(FieldError):
            read_new_address(channel, typed, "SY")


@settings(max_examples=80)
@given(st.sampled_from([Channel.EMAIL, Channel.TELEGRAM, Channel.WHATSAPP]), st.text(max_size=80))
def test_no_text_breaks_the_reading_of_addresses(channel, text):
    with suppress(FieldError):
        address = read_new_address(channel, text, "SY")
        assert address.isprintable()
        assert address not in masked(channel, address)


@settings(max_examples=80)
@given(
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["Asia/Damascus", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kolkata"]),
    st.integers(0, 2 * 365 * 24 * 60),
)
def test_quiet_hours_end_within_a_day_at_the_chosen_hour(begins, ends, zone, minutes):
    quiet, now = QuietHours(begins, ends, zone), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = quiet.end_after(now)
    if end is not None:
        assert now < end <= now + timedelta(hours=25)
        assert quiet.end_after(end) is None
    if begins == ends:
        assert end is None


def test_quiet_hours_abroad_follow_the_country_of_the_phone():
    pack = read_pack("syria")[0]
    assert UsualZones(pack).of(door=Door.HOME, phone="+963944123456") == "Asia/Damascus"
    assert UsualZones(pack).of(door=Door.ABROAD, phone="+4915112345678") == "Europe/Berlin"
    assert UsualZones(pack).of(door=Door.ABROAD, phone="+5511961234567") == "America/Sao_Paulo"
    assert UsualZones(pack).of(door=Door.ABROAD, phone="+963944123456") == "Asia/Damascus"
    assert set(zones(pack)) >= {"Asia/Damascus", "Europe/Berlin", "Asia/Tokyo"}
