"""What a backup holds: versions, the schema, and the SHA-256 of each file, checked before anything is restored."""

import os
import re
import shutil
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from booking.operations.backup.programs import BackupError
from booking.platform.files.place import KEY

NAME: Final = "manifest.json"
DATABASE: Final = "database.dump"
SEALED: Final = f"{DATABASE}.age"
"""The same, which only the recipients of backups can read."""
EVIDENCE: Final = "evidence"
_FILE: Final = re.compile(rf"{re.escape(DATABASE)}(?:\.age)?|{EVIDENCE}/{KEY.pattern}")
_CHUNK: Final = 1 << 20


class Manifest(BaseModel):
    """A backup's table of contents.

    ``secret`` is what the database keeps of its secret (`booking.country.core.key_check`), empty where it kept nothing
    yet. ``files`` maps each path in the folder to its SHA-256. ``country`` and ``database_bytes`` (what the database
    took on its server's disk) are "" and 0 in backups from before they were kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = 1
    made_at: datetime
    mawid: str
    schema_revision: str
    postgresql: int
    pg_dump: int
    secret: str
    country: str = ""
    database_bytes: int = 0
    files: dict[str, str]

    @property
    def database(self) -> str:
        """The file with the database."""
        return SEALED if SEALED in self.files else DATABASE

    @field_validator("format")
    @classmethod
    def _is_known(cls, number: int) -> int:
        if number != 1:
            raise ValueError("another form of backup")
        return number

    @field_validator("files")
    @classmethod
    def _are_ours(cls, files: dict[str, str]) -> dict[str, str]:
        if len({DATABASE, SEALED} & files.keys()) != 1 or not all(_FILE.fullmatch(path) for path in files):
            raise ValueError("not the files of a backup")
        return files


def parse_manifest(folder: Path) -> tuple[Manifest, bytes]:
    """Read a backup's manifest; return it, and its bytes.

    Raises
    ------
    BackupError
        There is no manifest that can be read.
    """
    try:
        content = (folder / NAME).read_bytes()
        return Manifest.model_validate_json(content), content
    except OSError:
        raise BackupError(f"{folder} is not a whole backup: it has no {NAME}; nothing was changed") from None
    except ValidationError:
        raise BackupError(f"{folder / NAME} cannot be read by this version of Mawid; nothing was changed") from None


def compare_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file with what the manifest says of it.

    Raises
    ------
    BackupError
        A file is missing or differs.
    """
    for path, expected in manifest.files.items():
        try:
            found = checksum(folder / path)
        except OSError:
            raise BackupError(f"{folder / path} is missing; nothing was changed") from None
        if found != expected:
            raise BackupError(f"{folder / path} is not what was backed up: its SHA-256 differs; nothing was changed")


def checksum(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def make_folders(file: Path) -> None:
    """Make the folders above a file, for their owner alone; raises OSError."""
    for folder in reversed([parent for parent in file.parents if not parent.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)


def copy_for_owner(source: Path, target: Path) -> None:
    """Copy a file and its time, readable by its owner only; evidence is removed by its age.

    Raises
    ------
    OSError
        It cannot be copied.
    """
    make_folders(target)
    with source.open("rb") as read:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            shutil.copyfileobj(read, written, _CHUNK)
            written.flush()
            os.fsync(written.fileno())
    shutil.copystat(source, target)
    target.chmod(0o600)
