"""Of backups the newest whole one is known, of certificates the first that ends; what cannot be read says so."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from booking.operations.backup.folder import Made
from booking.operations.health.queues import CERTIFICATES, Ends, last_backup, list_certificates
from booking.platform.base.settings import Settings
from tests.support.certificates import a_certificate
from tests.support.country import cheap_settings

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

    assert last_backup(settings) == Made(tmp_path / "new", NOW + timedelta(days=2), None)


@pytest.mark.parametrize("broken", [False, True])
def test_the_first_certificate_of_a_file_that_ends_is_told(tmp_path, broken):
    file = tmp_path / "authorities.pem"
    file.write_bytes(b"no certificate" if broken else a_certificate(NOW + timedelta(days=9)) + a_certificate(NOW))

    found = list_certificates(cheap_settings(register_ca_file=file))

    assert found == [Ends("MAWID_REGISTER_CA_FILE", None if broken else NOW)]


def test_certificates_in_the_addresses_of_servers_are_told_too(tmp_path):
    file = tmp_path / "authority.pem"
    file.write_bytes(a_certificate(NOW))
    database = SecretStr(f"postgresql+psycopg://mawid@one,two/mawid?sslmode=verify-full&sslrootcert={file}")
    settings = cheap_settings().model_copy(
        update={
            "database_url": database,
            "database_owner_url": SecretStr("postgresql+psycopg://mawid@one/mawid?sslrootcert=system"),
            "redis_url": SecretStr(f"rediss://:word@cache/0?ssl_ca_certs={file}"),
        }
    )

    assert list_certificates(settings) == [Ends("MAWID_DATABASE_URL", NOW), Ends("MAWID_REDIS_URL", NOW)]


def test_every_setting_that_names_a_certificate_is_looked_at():
    named = {name for name in Settings.model_fields if name.endswith(("_ca_file", "_ca", "_certificate"))}
    assert named == set(CERTIFICATES)
