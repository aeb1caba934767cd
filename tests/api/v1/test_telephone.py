"""Only calls that the gateway signed just now are answered; each message once, whatever it repeats."""

from datetime import timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from pydantic import SecretStr

from booking.platform.base.webhooks import signed_headers
from tests.booking.people.reaching.conftest import with_settings

SECRET = "whsec_" + "dGVsZXBo" * 4
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def pass_on(core, client):
    """Pass a message of a call on as the gateway does; what is named is done otherwise."""
    with_settings(core, telephone_secret=SecretStr(SECRET))

    def make(way, *, secret=SECRET, seconds=0, changed=None, message="m1", body=None, **fields):
        body = urlencode(fields).encode() if body is None else body
        at = core.clock.now() + timedelta(seconds=seconds)
        headers = signed_headers(secret, message_id=message, body=body, at=at) | {"content-type": FORM}
        return client.post(f"/api/v1/telephone/{way}", content=changed or body, headers=headers)

    return make


def dial(pass_on, text, *, session="s1", phone="+963944123456", **changes):
    return pass_on("ussd", sessionId=session, phoneNumber=phone, serviceCode="*1515#", text=text, **changes)


def test_a_ussd_session_begins_with_languages_and_repeats_what_is_repeated(pass_on):
    first = dial(pass_on, "")
    assert first.text.startswith("CON موعد")
    assert "\n2 English\n3 Kurmancî" in first.text
    assert first.headers["content-type"].startswith("text/plain")
    asked = dial(pass_on, "2")
    assert asked.text == "CON Type your national number."
    assert dial(pass_on, "2").text == asked.text
    assert dial(pass_on, "2*1*2").text.startswith("CON We did not understand that.")


def test_what_does_not_follow_on_changes_nothing(pass_on):
    assert dial(pass_on, "2*01234567890*1").text.startswith("END"), "a session begins with nothing typed"
    dial(pass_on, "")
    assert dial(pass_on, "2").text == "CON Type your national number."
    for text, changes in (("1", {}), ("", {}), ("2", {"phone": "+963944999999"}), ("2*" + "1*" * 11, {})):
        assert dial(pass_on, text, **changes).text.startswith("END")
    assert dial(pass_on, "2").text == "CON Type your national number.", "the owner of the session goes on"


def test_a_withheld_number_is_told_so_and_asked_nothing(pass_on):
    for phone in ("", "anonymous", "+963112000000", "x" * 60):
        assert dial(pass_on, "", phone=phone, session=phone or "none").text.startswith("END رقمك مخفي")


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"secret": "whsec_" + "aW52ZW50" * 4}, 401, "wrong_signature"),
        ({"seconds": -301}, 401, "wrong_signature"),
        ({"changed": b"sessionId=s1&phoneNumber=%2B963944123456&text=1"}, 401, "wrong_signature"),
        ({"text": "1" * 1001}, 400, "unreadable_body"),
        ({"text": "*".join("1" * 130)}, 400, "unreadable_body"),
        ({"session": ""}, 400, "unreadable_body"),
        ({"session": "a b"}, 400, "unreadable_body"),
        ({"session": "s" * 121}, 400, "unreadable_body"),
        ({"body": b"&" * 50}, 400, "unreadable_body"),
    ],
)
def test_forged_old_and_huge_messages_are_refused(pass_on, changes, status, code):
    refused = dial(pass_on, changes.pop("text", ""), **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_the_addresses_do_not_exist_without_a_secret_in_the_settings(client):
    for way in ("ussd", "voice"):
        assert client.post(f"/api/v1/telephone/{way}", data={"sessionId": "a"}).status_code == 404


def test_a_voice_call_is_told_what_to_say_and_how_many_digits_to_await(pass_on):
    def call(keys=None, *, message, active="1", session="v1"):
        fields = {"sessionId": session, "callerNumber": "+963944123456", "isActive": active}
        fields |= {} if keys is None else {"dtmfDigits": keys}
        return ET.fromstring(pass_on("voice", message=message, **fields).content)  # noqa: S314 - our own answer

    [gather] = call(message="m1")
    [said] = gather
    assert (gather.tag, gather.get("numDigits"), gather.get("finishOnKey")) == ("GetDigits", "1", "#")
    assert "English: اضغط 2." in said.text
    [gather] = call("2", message="m2")
    assert (gather.get("numDigits"), gather[0].text) == (
        "11",
        "Type your national number. Then press the hash key.",
    )
    [again] = call("2", message="m2")
    assert again[0].text == gather[0].text, "the gateway sent it twice"
    [misread] = call("123#", message="m3")
    assert misread[0].text.startswith("We did not understand that.")
    assert len(call(message="m4", active="0")) == 0, "it hung up"
    [over] = call("1", message="m5", session="never-begun")
    assert over.tag == "Say"
