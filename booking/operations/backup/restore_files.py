"""Put a backup's files back into the empty folder or bucket of the settings, wholly or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from booking.operations.backup.manifest import EVIDENCE, Manifest, copy_for_owner
from booking.operations.backup.programs import BackupError
from booking.platform.base.settings import Settings
from booking.platform.files.folder import RESTORING, is_half_restored
from booking.platform.files.place import Files, FilesAwayError
from booking.platform.files.watched import open_bucket


class Filling(Protocol):
    """A place that was seen to be empty, and whether a file of the backup was put there since."""

    begun: bool

    def fill(self) -> None:
        """Put every file of the backup there; raises BackupError, OSError."""

    def empty(self) -> None:
        """Take back what was put there."""

    def end(self) -> None:
        """Say that all is there."""


@contextmanager
def restoring_files(folder: Path, manifest: Manifest, settings: Settings) -> Iterator[Filling]:
    """Yield what fills the place for files; where the block fails, what was put there is taken back.

    Before the first file was put there nothing is taken back: of two restores at once one fails on the database that
    the other fills, and the files are the other's.

    Raises
    ------
    BackupError
        There are files already, or the place does not do its part.
    """
    filling = _of_bucket(folder, manifest, settings) if settings.s3_bucket else _Folder(folder, manifest, settings)
    try:
        yield filling
    except BaseException:
        if filling.begun:
            filling.empty()
        raise
    filling.end()


def _files_of(manifest: Manifest) -> Iterator[str]:
    return (path.removeprefix(f"{EVIDENCE}/") for path in manifest.files if path != manifest.database)


def _of_bucket(folder: Path, manifest: Manifest, settings: Settings) -> "_Bucket":
    bucket = open_bucket(settings)
    try:
        if next(bucket.list(), None) is not None:
            raise BackupError(f"{bucket.where} is not empty: name another MAWID_S3_PREFIX; nothing was changed")
    except FilesAwayError as error:
        raise BackupError(f"{bucket.where}: {error}; nothing was changed") from error
    return _Bucket(folder, manifest, bucket)


class _Bucket:
    def __init__(self, folder: Path, manifest: Manifest, bucket: Files) -> None:
        self._folder, self._manifest, self._bucket = folder, manifest, bucket
        self.begun = False

    def fill(self) -> None:
        self.begun = True
        try:
            for key in _files_of(self._manifest):
                self._bucket.put(key, (self._folder / EVIDENCE / key).read_bytes())
        except FilesAwayError as error:
            raise BackupError(f"{self._bucket.where}: {error}; nothing was changed") from error

    def empty(self) -> None:
        with suppress(FilesAwayError):  # who tries again is told that it is not empty
            self._bucket.remove(_files_of(self._manifest))

    def end(self) -> None:
        """Do nothing: half a restore has the names of whole files, and is told by the empty database beside it."""


class _Folder:
    def __init__(self, folder: Path, manifest: Manifest, settings: Settings) -> None:
        self._folder, self._manifest, self._target = folder, manifest, settings.evidence_folder
        self.begun = False
        if self._target.exists() and any(self._target.iterdir()):
            if is_half_restored(self._target):
                raise BackupError(
                    f"{self._target} holds half of a backup: a restore broke off. rm -r {self._target}, then again"
                )
            raise BackupError(
                f"{self._target} is not empty: move it away, or set MAWID_EVIDENCE_DIR; nothing was changed"
            )

    def fill(self) -> None:
        self.begun = True
        self._target.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._target / RESTORING).touch(mode=0o600)
        for key in _files_of(self._manifest):
            copy_for_owner(self._folder / EVIDENCE / key, self._target / key)

    def empty(self) -> None:
        """Take back what was copied into a folder that was empty."""
        for path in self._target.iterdir() if self._target.exists() else ():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def end(self) -> None:
        (self._target / RESTORING).unlink(missing_ok=True)
