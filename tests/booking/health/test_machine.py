"""Of backups the newest whole one is known, of certificates the first that ends; what cannot be read says so."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from booking.health.machine import Ends, last_backup, list_certificates
from tests.country import cheap_settings

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_newest_whole_backup_counts_and_one_in_the_making_does_not(tmp_path):
    settings = cheap_settings(backups_dir=tmp_path)
    assert (last_backup(cheap_settings()), last_backup(settings)) == (None, None)
    for name, day in (("old", 1), ("new", 2), ("begun.part", 3)):
        (tmp_path / name).mkdir()
        manifest = tmp_path / name / "manifest.json"
        manifest.write_text("never opened")
        os.utime(manifest, ((NOW + timedelta(days=day)).timestamp(),) * 2)
    (tmp_path / "something else").mkdir()
    (tmp_path / "a file").touch()

    assert last_backup(settings) == NOW + timedelta(days=2)


def a_certificate(ends):
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(NOW - timedelta(days=90)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("broken", [False, True])
def test_the_first_certificate_of_a_file_that_ends_is_told(tmp_path, broken):
    file = tmp_path / "authorities.pem"
    file.write_bytes(b"no certificate" if broken else a_certificate(NOW + timedelta(days=9)) + a_certificate(NOW))

    found = list_certificates(cheap_settings(register_ca_file=file))

    assert found == [Ends("MAWID_REGISTER_CA_FILE", None if broken else NOW)]
