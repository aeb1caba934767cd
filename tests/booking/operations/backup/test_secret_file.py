"""Secrets are kept in a file of their own, for somebody who opens no backup."""

import io

import pytest

from booking.operations.backup.age import new_identity, recipient_of, unseal
from booking.operations.backup.programs import BackupError
from booking.operations.backup.secret_file import save_secrets
from tests.support.country import cheap_settings


def test_the_secrets_are_sealed_for_one_who_opens_no_backup(tmp_path):
    ours, theirs = new_identity(), new_identity()
    settings = cheap_settings(backup_recipients=(recipient_of(theirs),))
    file = tmp_path / "secrets.age"

    with pytest.raises(BackupError, match="opens backups too"):
        save_secrets(file, settings=settings, recipients=[recipient_of(theirs)])
    with pytest.raises(BackupError, match="for nobody"):
        save_secrets(file, settings=settings, recipients=[])
    assert not file.exists()
    save_secrets(file, settings=settings, recipients=[recipient_of(ours)])

    assert file.stat().st_mode & 0o077 == 0
    opened = io.BytesIO()
    with file.open("rb") as sealed:
        unseal(sealed, opened, [ours])
    lines = opened.getvalue().decode().splitlines()
    assert lines[0] == f"MAWID_SECRET_KEY={settings.secret_key.get_secret_value()}"
    with pytest.raises(BackupError, match="cannot be written"):
        save_secrets(file, settings=settings, recipients=[recipient_of(ours)])
