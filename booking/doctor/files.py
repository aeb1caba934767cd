"""Evidence, papers, consents and copies: each file has its row, and each row its files."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from booking.doctor.findings import Finding, Patient, core_of, fault, warning
from booking.models import AccountCopy, ConsentPaper, OnlinePaper, UrgentEvidence

LEFT_AFTER: Final = timedelta(days=2)
"""A night's job removes what an upload that broke off left behind, once it is a day old."""
_ROWS: Final[Mapping[str, Select[UUID, int]]] = {
    "": select(UrgentEvidence.id, UrgentEvidence.pages).where(UrgentEvidence.removed_at.is_(None)),
    "online": select(OnlinePaper.id, OnlinePaper.pages).where(OnlinePaper.removed_at.is_(None)),
    "consents": select(ConsentPaper.id, ConsentPaper.pages).where(ConsentPaper.removed_at.is_(None)),
    "copies": select(AccountCopy.id, AccountCopy.parts).where(AccountCopy.removed_at.is_(None)),
}
"""By folder of files: whose they are, and how many each has."""
_OTHERS: Final = 0o077


def look_at_files(patient: Patient) -> Iterator[Finding]:
    """Find rows whose files are missing, files that no row names, and files that others can read."""
    core = core_of(patient)
    root, now = core.settings.evidence_folder, core.clock.now()
    for kind, wanted in _ROWS.items():
        folder = root / kind
        # Files first: one that came after it has a row by then, and one that went has none.
        there, open_to_others = _files(folder)
        with core.sessions() as session:
            rows = {file_id.hex: pages for file_id, pages in session.execute(wanted).yield_per(10_000)}
        named = {f"{one}-{page}" for one, pages in rows.items() for page in range(pages)}
        missing = [name for name in named - there.keys() if not (folder / name[:2] / name).exists()]
        where = folder if kind else root
        if missing:
            yield fault(
                f"{len(missing)} files that rows name are not in {where}",
                "take them from the backup of that time: the folder evidence/ in it, or `mawid restore` beside",
            )
        old = (now - LEFT_AFTER).timestamp()
        if left := sum(1 for name in there.keys() - named if there[name] < old):
            yield warning(f"{left} files in {where} belong to no row", "the job remove_old_evidence takes them away")
        if open_to_others:
            yield fault(f"{open_to_others} files in {where} can be read by others", f"chmod -R go= {where}")


def _files(folder: Path) -> tuple[dict[str, float], int]:
    """Return the time of each file by its name, and how many others can read."""
    found: dict[str, float] = {}
    readable = 0
    for one in _entries(folder):
        if one.is_dir() and len(one.name) == 2:  # noqa: PLR2004 - the first two digits of the names in it
            for file in _entries(Path(one.path)):
                if file.is_file() and "-" in file.name and "." not in file.name:
                    status = file.stat()
                    found[file.name] = status.st_mtime
                    readable += bool(status.st_mode & _OTHERS)
    return found, readable


def _entries(folder: Path) -> Iterator[Any]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries
