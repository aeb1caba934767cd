"""Tell a backup of this installation from others, and from one that somebody made up.

Anybody can encrypt for a public key and write a manifest. So whoever makes a backup and knows the installation's secret
leaves a proof beside the manifest: its HMAC-SHA-256, under a key of its own derived from the secret (RFC 2104, RFC
5869). The manifest names the SHA-256 of every other file.
"""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from booking.country.core.schema import BEFORE_FIRST, knows
from booking.operations.backup.folder import write_for_owner
from booking.operations.backup.manifest import NAME, Manifest, compare_files, parse_manifest
from booking.operations.backup.programs import BackupError
from booking.platform.base.settings import KEY_FILE, Settings, master_secret, secrets_known
from booking.platform.base.vault import Secret

PROOF: Final = f"{NAME}.proof"


def leave_proof(folder: Path, settings: Settings) -> bool:
    """Leave the proof beside a manifest that was just written; return False where the secret is not known here.

    Raises
    ------
    SettingsError
        The secret cannot be read.
    OSError
        It cannot be written.
    """
    if not _knows_secret(settings):
        return False
    write_for_owner(folder / PROOF, _proof(master_secret(settings), (folder / NAME).read_bytes()) + "\n")
    return True


def read_ours(folder: Path, settings: Settings, *, unproven: bool = False) -> Manifest:
    """Read a backup's manifest, and compare every file with it; nothing in the files was read before.

    Parameters
    ----------
    unproven
        Also one that was made where the secret was not known; not one whose proof is wrong.

    Raises
    ------
    BackupError
        It is damaged, of a newer version or from before the first release, of another secret or country, or nothing
        proves that it was made here.
    SettingsError
        The secret cannot be read.
    """
    manifest, content = parse_manifest(folder)
    if manifest.country not in {"", settings.country}:
        raise BackupError(
            f"the backup is of the country {manifest.country}, and MAWID_COUNTRY is {settings.country};"
            " nothing was changed"
        )
    _require_secret(manifest, settings)
    _require_proof(folder / PROOF, content, settings, unproven=unproven)
    if not knows(manifest.schema_revision):
        before = BEFORE_FIRST.fullmatch(manifest.schema_revision)
        which = "a Mawid from before its first release" if before else "a newer Mawid"
        raise BackupError(f"the backup is of {which} ({manifest.mawid}, schema {manifest.schema_revision}): use that")
    compare_files(folder, manifest)
    return manifest


def proven_files(folder: Path, settings: Settings) -> Mapping[str, str]:
    """Return the SHA-256 of each file of an earlier backup that was made here, uncompared; of any other nothing.

    What a new backup takes over from it gets that one's proof.

    Raises
    ------
    SettingsError
        The secret cannot be read.
    """
    with suppress(BackupError, OSError):
        manifest, content = parse_manifest(folder)
        if _knows_secret(settings):
            _require_proof(folder / PROOF, content, settings, unproven=False)
        return manifest.files
    return {}


def _require_secret(manifest: Manifest, settings: Settings) -> None:
    if not _knows_secret(settings):
        raise BackupError(
            "put back the secret first (MAWID_SECRET_KEY, or secret.key in MAWID_STATE_DIR): it is not in the backup"
        )
    values = [Secret(one).check_value.hex() for one in secrets_known(settings)]
    if manifest.secret and not any(hmac.compare_digest(value, manifest.secret) for value in values):
        raise BackupError("the backup was made with another secret than those that are set; nothing was changed")


def _require_proof(path: Path, content: bytes, settings: Settings, *, unproven: bool) -> None:
    try:
        found = path.read_bytes().strip()
    except FileNotFoundError:
        if unproven:
            return
        raise BackupError(
            "nothing proves that this backup was made here: whoever can write to its folder could have made it up."
            " Where you know that it was made without the secret, say --unproven; nothing was changed"
        ) from None
    if not any(hmac.compare_digest(_proof(one, content).encode(), found) for one in secrets_known(settings)):
        raise BackupError("this backup was changed since it was made, or made up by somebody; nothing was changed")


def _knows_secret(settings: Settings) -> bool:
    return settings.secret_key is not None or (settings.state_dir / KEY_FILE).exists()


def _proof(secret: bytes, content: bytes) -> str:
    return hmac.digest(Secret(secret).key("backup proof"), content, "sha256").hex()
