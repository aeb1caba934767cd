"""Which register a process gets by its settings."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from booking.country.core.register import RegisterCalls, RegisterState
from booking.country.packs.loading import load_pack
from booking.people.registers.choose import book_of, open_register
from booking.people.registers.http import HttpRegister
from booking.people.registers.stand_in import open_stand_in
from booking.people.registers.synthetic import INVITED, Enrolled, SyntheticRegister, visitors
from booking.platform.base.settings import Environment, SettingsError
from tests.booking.people.registers.people import MOTHER
from tests.support.country import cheap_settings


@pytest.fixture
def opened(clock, tmp_path):
    def open_it(**changes):
        calls, settings = RegisterCalls(), cheap_settings(state_dir=tmp_path)
        with open_register(settings.model_copy(update=changes), load_pack("syria"), clock, calls) as register:
            return register, calls.state

    return open_it


def test_a_demonstration_without_an_address_has_invented_people(opened, tmp_path):
    book_of(cheap_settings(state_dir=tmp_path)).add({MOTHER.number: Enrolled(MOTHER.name, MOTHER.birth_date)})

    register, state = opened()

    assert (type(register), state) == (SyntheticRegister, RegisterState.INVENTED)
    assert register.match(MOTHER).person == "yes"


def test_an_address_is_asked_over_http(opened):
    register, state = opened(register_url="http://127.0.0.1:9")

    assert (type(register), state) == (HttpRegister, RegisterState.UNTRIED)


def test_production_never_gets_invented_people(opened):
    with pytest.raises(SettingsError, match="MAWID_REGISTER_URL is needed in production"):
        opened(environment=Environment.PRODUCTION)


def test_no_stand_in_is_started_beside_a_real_register_or_in_production():
    settings = cheap_settings()
    for changes in ({"register_url": "https://register.example"}, {"environment": Environment.PRODUCTION}):
        with open_stand_in(settings.model_copy(update=changes), ()) as stand_in:
            assert stand_in is None


def test_certificates_that_cannot_be_read_are_told_by_setting(opened, tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    register = {"register_url": "https://register.example"}

    for path in (bad, tmp_path / "missing.pem"):
        with pytest.raises(SettingsError, match="MAWID_REGISTER_CA_FILE"):
            opened(**register, register_ca_file=path)
        with pytest.raises(SettingsError, match="MAWID_REGISTER_CLIENT_CERTIFICATE"):
            opened(**register, register_client_certificate=path, register_client_key=path)


def test_a_client_key_with_a_password_is_refused_without_asking_for_it(opened, tmp_path):
    key = tmp_path / "key.pem"
    locked = BestAvailableEncryption(b"secret")
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    with pytest.raises(SettingsError, match="MAWID_REGISTER_CLIENT_KEY"):
        opened(register_url="https://register.example", register_client_certificate=key, register_client_key=key)


def test_visitors_can_be_proven_with_the_papers_that_are_listed(opened):
    register, _ = opened()
    people = visitors(register)

    assert len(people) == len(INVITED)
    assert {bool(one.passport) for one in people} == {bool(one.code) for one in people} == {True, False}
