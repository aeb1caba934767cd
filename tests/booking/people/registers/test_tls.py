"""Both ends of the line know each other by certificates, and nobody else can take the register's place."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from booking.country.core.register import RegisterAwayError, RegisterCalls
from booking.country.packs.loading import load_pack
from booking.people.registers.choose import open_register
from booking.platform.base.clock import SystemClock
from tests.booking.people.registers.people import MOTHER
from tests.support.country import cheap_settings
from tests.support.stand_in import TOKEN, serving


def a_certificate(folder, name, address="127.0.0.1"):
    """A file with a key and a certificate that it signed itself, for one address."""
    key, now = Ed25519PrivateKey.generate(), SystemClock().now()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    addresses = {"ours": "127.0.0.1", "others": "127.0.0.1", "elsewhere": "192.0.2.1"}
    return {name: a_certificate(folder, name, address) for name, address in addresses.items()}


@pytest.mark.parametrize(
    ("serves", "trusts", "shows", "word"),
    [
        ("ours", "ours", "ours", "yes"),
        ("ours", "ours", "others", "unreachable"),
        ("ours", "ours", None, "unreachable"),
        ("others", "ours", "ours", "unreachable"),
        ("ours", None, "ours", "unreachable"),
        ("elsewhere", "elsewhere", "elsewhere", "unreachable"),
    ],
    ids=["both fit", "another client", "no client", "another register", "trusted by nobody", "for another address"],
)
def test_only_the_right_certificates_talk_to_each_other(invented, clock, files, serves, trusts, shows, word):
    with serving(invented, certificate=files[serves]) as address:
        settings = cheap_settings(
            register_url=address,
            register_token=SecretStr(TOKEN),
            register_ca_file=files.get(trusts),
            register_client_certificate=files.get(shows),
            register_client_key=files.get(shows),
            register_connect_within="PT30S",
            register_silent_for="PT30S",
            register_answer_within="PT30S",
        )
        with open_register(settings, load_pack("syria"), clock, RegisterCalls()) as register:
            try:
                said = register.match(MOTHER).person
            except RegisterAwayError as error:
                said = str(error)

    assert said == word
