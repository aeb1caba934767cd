"""A ministry's GovStack Messaging building block takes letters as its description and its scenarios have them."""

import pytest
from pydantic import ValidationError

from booking.people.reaching.carrier import CarrierError
from booking.people.reaching.carriers import carriers_of
from booking.people.reaching.govstack_carrier import GovStackCarrier
from booking.people.reaching.posting import KEY_HEADER
from booking.platform.base.message_states import Channel, TryOutcome
from tests.booking.people.reaching.test_json_carrier import LETTER, a_gateway
from tests.support.country import cheap_settings

MAIL = "amal@mail.example"
ADDRESS = "govstack://a%2Fkey@{at}/v1/{{to}}?from=passports@gov.example&organisation=Passports&reply=desk@gov.example"


def test_a_letter_is_one_single_email_and_its_receiver_stands_in_no_address():
    with a_gateway() as (at, calls):
        settings = cheap_settings(gateway_email=ADDRESS.format(at=at))
        carrier = carriers_of(settings)[Channel.EMAIL]
        for key in "12":
            carrier.send(MAIL, LETTER, key)
    (line, method, path, headers, sent), again = calls
    assert (method, path) == ("POST", "/v1/send/email/single")
    assert (headers["apiKey"], headers["api_key"], headers[KEY_HEADER]) == ("a/key", "a/key", "1")
    assert "Authorization" not in headers
    assert sent == {
        "senderInfo": {
            "email": "passports@gov.example",
            "organisationName": "Passports",
            "replyTo": "desk@gov.example",
        },
        "recipientInfo": {"email": MAIL},
        "emailContent": {"encoding": "UTF-8", "title": LETTER.subject, "content": LETTER.text},
    }
    assert (again[0], again[3][KEY_HEADER]) == (line, "2"), "one connection"


@pytest.mark.parametrize(
    ("status", "outcome"), [(405, TryOutcome.REFUSED), (401, TryOutcome.UNAVAILABLE), (302, TryOutcome.UNAVAILABLE)]
)
def test_a_letter_that_is_not_taken_says_whether_to_try_again(status, outcome):
    with a_gateway(status) as (at, calls), pytest.raises(CarrierError) as refused:
        GovStackCarrier(ADDRESS.format(at=at)).send(MAIL, LETTER, "1")
    assert (refused.value.outcome, len(calls)) == (outcome, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gateway_sms": ADDRESS.format(at="messaging.example")},
        {"gateway_email": "govstacks://messaging.example/v1/{to}"},
        {"gateway_email": "govstacks://a-key@messaging.example/v1?from={to}"},
    ],
)
def test_an_address_that_takes_no_letters_stops_the_start(wrong):
    with pytest.raises(ValidationError, match=r"GovStack|must be govstacks"):
        cheap_settings(**wrong)
