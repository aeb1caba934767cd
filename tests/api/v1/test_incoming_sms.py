"""Only what the gateway signed just now is taken."""

import json

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.base.message_states import Command
from booking.models import IncomingMessage
from booking.reaching.signature import sign
from tests.booking.reaching.conftest import phone_of, with_settings
from tests.country import an_account

SECRET = "a secret between the gateway and us"


@pytest.fixture
def pass_on(core, client):
    """Pass a message on as the gateway does; what is named is done otherwise."""
    with_settings(core, incoming_sms_number="1515", incoming_sms_secret=SecretStr(SECRET))

    def make(message, *, secret=SECRET, seconds=0, signature=None, changed=None):
        body = json.dumps(message).encode() if not isinstance(message, bytes) else message
        timestamp = str(int(core.clock.now().timestamp()) + seconds)
        headers = {
            "content-type": "application/json",
            "mawid-timestamp": timestamp,
            "mawid-signature": sign(secret, timestamp, body) if signature is None else signature,
        }
        return client.post("/api/v1/incoming-sms", content=changed or body, headers=headers).status_code

    return make


def test_a_signed_message_is_taken_once(core, pass_on):
    message = {"id": "a1", "from": phone_of(core, an_account(core)), "text": "حالة"}
    assert [pass_on(message), pass_on(message)] == [204, 204]
    with core.sessions() as session:
        kept = session.scalars(select(IncomingMessage)).one()
    assert (kept.command, kept.outcome) == (Command.STATUS, "told")


def test_what_is_not_signed_by_the_gateway_just_now_is_refused(core, pass_on):
    message = {"id": "a1", "from": "+963944123456", "text": "STOP"}
    assert pass_on(message, secret="another secret that somebody invented") == 401
    assert pass_on(message, seconds=-301) == 401
    assert pass_on(message, seconds=301) == 401
    assert pass_on(message, changed=json.dumps(message | {"text": "YES"}).encode()) == 401
    for signature in ("", "v1=", "v1=é".encode(), "v2=" + "0" * 64):
        assert pass_on(message, signature=signature) == 401
    assert pass_on(message, seconds=-299) == 204
    with core.sessions() as session:
        assert len(session.scalars(select(IncomingMessage)).all()) == 1


@pytest.mark.parametrize(
    "message",
    [
        *(b"", b"{", [], {"id": "a"}, {"id": "", "from": "+963944123456", "text": ""}),
        *({"id": "a b", "from": "1", "text": ""}, {"id": "a", "from": "1", "text": "x" * 2001}),
        {"id": 7, "from": "1", "text": ""},
    ],
)
def test_what_is_signed_but_no_message_is_unreadable(pass_on, message):
    assert pass_on(message) == 400


def test_without_a_secret_in_the_settings_there_is_no_such_address(client):
    assert client.post("/api/v1/incoming-sms", json={"id": "a", "from": "1", "text": ""}).status_code == 404
