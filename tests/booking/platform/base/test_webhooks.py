"""Webhooks are signed as the standard's own example is, and nothing else passes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.platform.base.webhooks import (
    SIGNATURE,
    TIMESTAMP,
    UnsignedWebhookError,
    WrongSignatureError,
    check,
    read_secrets,
    signed_headers,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "c2VjcmV0" * 4
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
NOW = datetime.fromtimestamp(1614265330, UTC)


def test_the_signature_matches_the_example_of_the_standard():
    headers = signed_headers(SECRET, message_id=ID, body=BODY, at=NOW)
    assert headers[SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    check([SECRET], body=BODY, headers=headers, now=NOW)


def test_both_secrets_work_while_one_replaces_the_other():
    new, old = (signed_headers(one, message_id=ID, body=BODY, at=NOW) for one in (OTHER, SECRET))
    for headers in (new, old):
        check(read_secrets(f"{OTHER}, {SECRET}"), body=BODY, headers=headers, now=NOW)
    both = new | {SIGNATURE: f"v1a,elsewhere {new[SIGNATURE]} {old[SIGNATURE]}"}
    check([SECRET], body=BODY, headers=both, now=NOW)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_webhook_that_lacks_a_header_counts_as_unsigned(header):
    headers = signed_headers(SECRET, message_id=ID, body=BODY, at=NOW)
    for wrong in ({name: value for name, value in headers.items() if name != header}, headers | {header: ""}):
        with pytest.raises(UnsignedWebhookError):
            check([SECRET], body=BODY, headers=wrong, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        *({"webhook-id": "another"}, {TIMESTAMP: "1614265331"}, {TIMESTAMP: "1e9"}, {TIMESTAMP: "-1"}),
        *({TIMESTAMP: "9" * 12}, {TIMESTAMP: "١"}),
        *({SIGNATURE: text} for text in ("v1", "v1,", ",", "v1,é", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")),
    ],
)
def test_malformed_headers_are_refused_without_breaking_anything(changes):
    headers = signed_headers(SECRET, message_id=ID, body=BODY, at=NOW) | changes
    with pytest.raises(WrongSignatureError):
        check([SECRET], body=BODY, headers=headers, now=NOW)


def test_a_webhook_is_taken_for_five_minutes_by_the_callers_clock():
    headers = signed_headers(SECRET, message_id=ID, body=BODY, at=NOW)
    for seconds in (-300, 300):
        check([SECRET], body=BODY, headers=headers, now=NOW + timedelta(seconds=seconds))
    for seconds in (-301, 301):
        with pytest.raises(WrongSignatureError):
            check([SECRET], body=BODY, headers=headers, now=NOW + timedelta(seconds=seconds))


def test_one_signature_does_not_fit_an_id_and_a_time_divided_in_another_way():
    seconds = int(NOW.timestamp())
    headers = signed_headers(SECRET, message_id=ID, body=f"{seconds}.{{}}".encode(), at=NOW)
    with pytest.raises(WrongSignatureError):
        check([SECRET], body=b"{}", headers=headers | {"webhook-id": f"{ID}.{seconds}"}, now=NOW)


@settings(max_examples=60)
@given(text=st.text(min_size=1, max_size=60), bit=st.integers(min_value=0))
def test_a_webhook_changed_by_one_bit_is_refused(text, bit):
    body = text.encode()
    headers = signed_headers(b"a key for tests", message_id=ID, body=body, at=NOW)
    changed = bytearray(body)
    changed[bit // 8 % len(body)] ^= 1 << bit % 8
    with pytest.raises(WrongSignatureError):
        check([b"a key for tests"], body=bytes(changed), headers=headers, now=NOW)


@pytest.mark.parametrize(
    "text", ["", "a secret of more than thirty-two characters", "whsec_", "whsec_c2hvcnQ=", f"{SECRET},"]
)
def test_a_secret_that_is_not_of_the_standards_form_is_refused(text):
    with pytest.raises(ValueError, match="whsec_"):
        read_secrets(text)
