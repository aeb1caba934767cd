"""A helper types the serial of the card that their client shows."""

import pytest

from booking.desk.helpers.ask import ask_for, give_consent
from booking.desk.helpers.clients import ask_consent
from booking.desk.helpers.errors import ClientNotProvenError, ConsentMissingError
from booking.desk.helpers.follow import prove_client
from booking.desk.helpers.views import person
from booking.people.identity.levels import ProofRefusedError
from booking.people.registers.synthetic import serial_of
from booking.platform.models.identity import ProofKind
from tests.booking.desk.helpers.helped import a_helper, code_of
from tests.support.country import a_typed_person, a_wish, an_origin

pytestmark = pytest.mark.neighbours


@pytest.fixture
def typed(country):
    return a_typed_person(country)


@pytest.fixture
def consent(country, typed):
    """A helper and the consent that a client, known to the register, is asked for."""
    by = a_helper(country)
    asked = ask_consent(
        country, by=by, name=typed.name, national_number=typed.number, birth_date="3/4/1950", phone="0966123456",
        language="ar", origin=an_origin(),
    )  # fmt: skip
    return {"by": by, "consent_id": asked}


def test_the_card_that_a_client_shows_lets_the_helper_ask(country, typed, consent):
    give_consent(country, **consent, code=code_of(country, consent["consent_id"]))
    with pytest.raises(ClientNotProvenError):
        ask_for(country, **consent, wish=a_wish(()), origin=an_origin())
    with pytest.raises(ProofRefusedError):
        prove_client(country, **consent, serial="C00000000", origin=an_origin())
    assert not person(country, **consent).proven

    prove_client(country, **consent, serial=serial_of(typed.number, ProofKind.CARD), origin=an_origin())

    assert person(country, **consent).proven
    assert ask_for(country, **consent, wish=a_wish(()), origin=an_origin()).state == "accepted"


def test_without_a_consent_a_helper_proves_nobody(country, typed, consent):
    with pytest.raises(ConsentMissingError):
        prove_client(country, **consent, serial=serial_of(typed.number, ProofKind.CARD), origin=an_origin())
    assert not person(country, **consent).proven


def test_number_and_phone_alone_bring_neither_name_nor_proof(country, typed, consent):
    give_consent(country, **consent, code=code_of(country, consent["consent_id"]))
    prove_client(country, **consent, serial=serial_of(typed.number, ProofKind.CARD), origin=an_origin())
    shop = a_helper(country)
    asked = ask_consent(
        country, by=shop, name="فلان المجهول", national_number=typed.number, birth_date="3/4/1950", phone="0966123456",
        language="ar", origin=an_origin(),
    )  # fmt: skip

    line = person(country, by=shop, consent_id=asked)

    assert (line.first_name, line.proven) == ("", False)
