"""The secrets of an installation in a file of their own, sealed for somebody who cannot open its backups."""

import io
from collections.abc import Sequence
from pathlib import Path

from booking.operations.backup.age import AgeError, seal
from booking.operations.backup.folder import write_bytes_for_owner
from booking.operations.backup.programs import BackupError
from booking.platform.base.settings import PREFIX, Settings, secrets_known


def save_secrets(file: Path, *, settings: Settings, recipients: Sequence[str]) -> None:
    """Write the secret and those before it as lines of ``.env``, in the age format, into a new file.

    Raises
    ------
    BackupError
        There is no recipient, or one is none or opens the backups too: who has both reads everything. Or the file is
        there already, or cannot be written.
    SettingsError
        The secret cannot be read.
    """
    if both := set(recipients) & set(settings.backup_recipients):
        raise BackupError(f"{', '.join(both)} opens backups too: whoever has both reads everything; name another key")
    first, *older = (secret.decode() for secret in secrets_known(settings))
    lines = f"{PREFIX}SECRET_KEY={first}\n{PREFIX}SECRET_KEY_OLD={','.join(older)}\n"
    sealed = io.BytesIO()
    try:
        seal(io.BytesIO(lines.encode()), sealed, recipients)
    except AgeError as error:
        raise BackupError(str(error)) from None
    try:
        write_bytes_for_owner(file, sealed.getvalue())
    except OSError as error:
        raise BackupError(f"the secrets cannot be written: {error}") from None
