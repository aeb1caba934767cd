"""Evidence, papers, consents and copies: each file has its row, and each row its files."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from booking.operations.doctor.findings import Finding, Patient, core_of, fault, warning
from booking.platform.base.settings import SettingsError
from booking.platform.files.errors import Cause, FileMissingError, FilesAwayError
from booking.platform.files.open import open_files
from booking.platform.files.place import Files
from booking.platform.models import AccountCopy, ConsentPaper, OnlinePaper, UrgentEvidence

LEFT_AFTER: Final = timedelta(days=2)
"""A night's job removes what an upload that broke off left behind, once it is a day old."""
_ROWS: Final[Mapping[str, Select[UUID, int]]] = {
    "": select(UrgentEvidence.id, UrgentEvidence.pages).where(UrgentEvidence.removed_at.is_(None)),
    "online": select(OnlinePaper.id, OnlinePaper.pages).where(OnlinePaper.removed_at.is_(None)),
    "consents": select(ConsentPaper.id, ConsentPaper.pages).where(ConsentPaper.removed_at.is_(None)),
    "copies": select(AccountCopy.id, AccountCopy.parts).where(AccountCopy.removed_at.is_(None)),
}
"""By kind of files: whose they are, and how many each has."""
_OTHERS: Final = 0o077
_REMEDIES: Final[Mapping[Cause, str]] = {
    Cause.FULL: "give it more room: nothing can be sent in until then",
    Cause.REFUSED: "let Mawid read, write and list there: rights of the folder, keys or policy of the bucket",
    Cause.SLOW: "see what holds it up; MAWID_S3_ANSWER_WITHIN says how long Mawid waits",
    Cause.UNREACHABLE: "check MAWID_S3_ENDPOINT, the network, and its certificate (MAWID_S3_CA_FILE)",
    Cause.NO_BUCKET: "make the bucket, or name the right one in MAWID_S3_BUCKET",
    Cause.LIED: "keep files elsewhere: it does not keep what it says that it kept",
    Cause.BROKEN: "see its own log",
}


def look_at_place(patient: Patient) -> Iterator[Finding]:
    """Find that files could not be read or kept now, and why."""
    try:
        files = open_files(patient.settings)
    except SettingsError as error:
        yield fault(str(error), "as it says")
        return
    try:
        files.look()
    except FilesAwayError as error:
        yield fault(f"{files.where}: {error.cause}", f"{_REMEDIES[error.cause]}; then `mawid files try`")


def look_at_files(patient: Patient) -> Iterator[Finding]:
    """Find rows whose files are missing, files that no row names, and files that others can read."""
    core = core_of(patient)
    files, now = core.files, core.clock.now()
    for kind, wanted in _ROWS.items():
        # Files first: one that came after it has a row by then, and one that went has none.
        there = {one.key.rpartition("/")[2]: one.changed_at for one in files.list(kind)}
        with core.sessions() as session:
            rows = {file_id.hex: pages for file_id, pages in session.execute(wanted).yield_per(10_000)}
        named = {f"{one}-{page}" for one, pages in rows.items() for page in range(pages)}
        missing = [name for name in named - there.keys() if not _is_there(files, kind, name)]
        where = f"{files.where}/{kind}" if kind else files.where
        if missing:
            yield fault(
                f"{len(missing)} files that rows name are not in {where}",
                "take them from the backup of that time: the folder evidence/ in it, or `mawid restore` beside",
            )
        old = (now - LEFT_AFTER).timestamp()
        if left := sum(1 for name in there.keys() - named if there[name] < old):
            yield warning(f"{left} files in {where} belong to no row", "the job remove_old_evidence takes them away")
        folder = core.settings.evidence_folder / kind
        if readable := _readable(folder):
            yield fault(f"{readable} files in {folder} can be read by others", f"chmod -R go= {folder}")


def _is_there(files: Files, kind: str, name: str) -> bool:
    key = f"{name[:2]}/{name}"
    try:
        files.head(f"{kind}/{key}" if kind else key, 1)
    except FileMissingError:
        return False
    return True


def _readable(folder: Path) -> int:
    """Return how many files of a folder others can read."""
    readable = 0
    for one in _entries(folder):
        if one.is_dir() and len(one.name) == 2:  # noqa: PLR2004 - the first two digits of the names in it
            files = (file for file in _entries(Path(one.path)) if file.is_file() and "-" in file.name)
            readable += sum(bool(file.stat().st_mode & _OTHERS) for file in files)
    return readable


def _entries(folder: Path) -> Iterator[Any]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries
