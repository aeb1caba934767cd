"""What a passkey's answer must hold to be believed: our site, its owner, its key, this session's challenge."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.people.accounts import passkey_ceremony, passkeys
from booking.people.accounts.errors import WrongPasskeyError
from booking.people.accounts.passkeys import offer, offer_new
from booking.people.accounts.second_step import take_second_step_by_passkey
from booking.platform.base.settings import Settings
from tests.support.effort import examples
from tests.support.software_passkey import PRESENT, SITE, VERIFIED, SoftwarePasskey, from_text, text


def test_a_challenge_belongs_to_its_session_its_purpose_and_our_site(core, nour, set_up, begin, origin, phone):
    mine, other = begin(), begin()
    of_other = offer(core, account_id=nour, token=other)
    to_make = json.loads(offer_new(core, account_id=nour, token=mine))
    mine_elsewhere = json.loads(offer(core, account_id=nour, token=mine)) | {"rpId": "evil.example"}
    wrong = [
        of_other,
        json.dumps({"rpId": "localhost", "challenge": to_make["challenge"]}),
        json.dumps({"rpId": "localhost", "challenge": text(bytes(32))}),  # made up
        json.dumps(mine_elsewhere),
    ]
    for options in wrong:
        with pytest.raises(WrongPasskeyError):
            take_second_step_by_passkey(core, token=mine, credential=phone.answer(options), origin=origin)


def test_an_answer_without_the_owner_our_site_or_the_right_key_is_refused(core, nour, set_up, begin, origin, phone):
    token = begin()
    spoilt = {
        "its owner was not verified": {"flags": PRESENT},
        "nor present": {"flags": VERIFIED},
        "a page that looks like ours": {"origin": f"{SITE}.example"},
        "ours, by another scheme": {"origin": "https://localhost:8000"},
        "another key": {"key": SoftwarePasskey(SITE).key},
        "an unknown passkey": {"id": b"unknown"},
    }
    for changes in spoilt.values():
        credential = replace(phone, **changes).answer(offer(core, account_id=nour, token=token))
        with pytest.raises(WrongPasskeyError):
            take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)
        if changes.keys() & {"flags", "origin"}:  # so it is when a passkey is made
            credential = replace(phone, id=b"new", **changes).make(offer_new(core, account_id=nour, token=token))
            with pytest.raises(WrongPasskeyError):
                passkeys.verify_new(core, token=token, credential=credential)


def test_a_challenge_expires(core, nour, set_up, begin, origin, phone):
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))
    (mark,) = core.redis.scan_iter("{mawid}:once:*")
    assert 590 < core.redis.ttl(mark) <= core.settings.otp_lifetime.total_seconds()

    core.redis.expire(mark, 0)
    with pytest.raises(WrongPasskeyError):
        take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)


@pytest.mark.parametrize(
    ("base_url", "host", "origin"),
    [
        ("https://Mawid.example", "mawid.example", "https://mawid.example"),
        ("https://mawid.example:443", "mawid.example", "https://mawid.example"),
        ("https://mawid.example:8443", "mawid.example", "https://mawid.example:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_passkeys_are_bound_to_the_site_as_browsers_name_it(base_url, host, origin):
    settings = Settings(_env_file=None, base_url=base_url)

    assert (passkey_ceremony.rp_id(settings), passkey_ceremony.origin(settings)) == (host, origin)


HONEST = SoftwarePasskey(SITE)
MADE = HONEST.make(json.dumps({"rp": {"id": "localhost"}, "challenge": text(b"c" * 32)}))
SAID = HONEST.answer(json.dumps({"rpId": "localhost", "challenge": text(b"c" * 32)}))


@settings(max_examples=examples(40, nightly=100))
@given(data=st.data())
def test_arbitrary_bytes_never_break_the_readers(data):
    honest = json.loads(data.draw(st.sampled_from([MADE, SAID])))
    part = data.draw(st.sampled_from(sorted(honest["response"])))
    value = bytearray(from_text(honest["response"][part]))
    place = data.draw(st.integers(0, len(value) - 1))
    value[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    honest["response"][part] = text(bytes(value))
    sent = data.draw(st.sampled_from([json.dumps(honest), json.dumps(honest)[:-9], "[]", "{}", "", '"x"', "9" * 20000]))
    settings = Settings(_env_file=None, base_url=SITE)
    with suppress(WrongPasskeyError):
        passkey_ceremony.check_new(settings, passkey_ceremony.read_new(sent)[0], challenge=b"c" * 32)
    with suppress(WrongPasskeyError):
        passkey_ceremony.check_answer(settings, passkey_ceremony.read_answer(sent), public_key=from_text("AA"))
