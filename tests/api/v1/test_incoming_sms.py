"""Only what the gateway signed just now is taken."""

import json
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.platform.base.message_states import Command
from booking.platform.base.webhooks import signed_headers
from booking.platform.models import IncomingMessage
from tests.booking.people.reaching.conftest import phone_of, with_settings
from tests.support.country import an_account

SECRET = "whsec_" + "Z2F0ZXdh" * 4
OTHER = "whsec_" + "c29tZWJv" * 4


@pytest.fixture
def pass_on(core, client):
    """Pass a message on as the gateway does; what is named is done otherwise."""
    with_settings(core, incoming_sms_number="1515", incoming_sms_secret=SecretStr(f"{SECRET},{OTHER}"))

    def make(message, *, secret=SECRET, seconds=0, changed=None, without=()):
        body = json.dumps(message).encode() if not isinstance(message, bytes) else message
        at = core.clock.now() + timedelta(seconds=seconds)
        signed = signed_headers(secret, message_id="m1", body=body, at=at) | {"content-type": "application/json"}
        headers = {name: value for name, value in signed.items() if name not in without}
        return client.post("/api/v1/incoming-sms", content=changed or body, headers=headers)

    return make


def test_a_signed_message_is_accepted_once(core, pass_on):
    message = {"id": "a1", "from": phone_of(core, an_account(core)), "text": "حالة"}
    assert [pass_on(message).status_code, pass_on(message, secret=OTHER).status_code] == [204, 204]
    with core.sessions() as session:
        kept = session.scalars(select(IncomingMessage)).one()
    assert (kept.command, kept.outcome) == (Command.STATUS, "told")


def test_unsigned_forged_and_old_messages_are_refused(core, pass_on):
    message = {"id": "a1", "from": "+963944123456", "text": "STOP"}
    refused = [
        pass_on(message, without=("webhook-signature",)),
        pass_on(message, secret="whsec_" + "aW52ZW50" * 4),
        pass_on(message, seconds=-301),
        pass_on(message, changed=json.dumps(message | {"text": "YES"}).encode()),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
        (401, "unsigned_webhook"),
        *[(401, "wrong_signature")] * 3,
    ]
    assert pass_on(message, seconds=-299).status_code == 204
    with core.sessions() as session:
        assert len(session.scalars(select(IncomingMessage)).all()) == 1


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "message",
    [
        *(b"", b"{", [], {"id": "a"}, {"id": "", "from": "+963944123456", "text": ""}),
        *({"id": "a b", "from": "1", "text": ""}, {"id": "a", "from": "1", "text": "x" * 2001}),
        {"id": 7, "from": "1", "text": ""},
    ],
)
def test_a_signed_body_that_is_not_a_message_is_refused(pass_on, message):
    assert pass_on(message).status_code == 400


def test_the_address_does_not_exist_without_a_secret_in_the_settings(client):
    assert client.post("/api/v1/incoming-sms", json={"id": "a", "from": "1", "text": ""}).status_code == 404
