"""The backup of each night: made, tried, and those from long ago removed."""

import shutil
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import URL

from booking.country.core.core import Core
from booking.operations.backup.folder import list_backups, newest_backup
from booking.operations.backup.make import make_backup
from booking.operations.backup.programs import BackupError
from booking.operations.backup.restore import Opener
from booking.operations.recovery.verify import verify_backup
from booking.platform.base.libpq import libpq_address

PREFIX: Final = "nightly-"
"""Begins the names of backups that this job made: no other is removed."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def back_up(core: Core) -> None:
    """Make a backup in the folder of the settings and try it; does nothing where they name none.

    The role that works reads the database, past any pooler; nothing here needs the role that owns it.

    Raises
    ------
    BackupError
        It cannot be made or tried, or a fault was found in it: it stays, and is not marked as tried. Or behind a
        pooler, no setting names the server's own address.
    SchemaError
        The migrations do not lead from the backup's schema to this version's.
    ServerError
        The private server in which it is tried does not start.
    """
    settings, now = core.settings, core.clock.now()
    if settings.backups_dir is None:
        return
    folder = settings.backups_dir / f"{PREFIX}{now:%Y-%m-%dT%H%M%S}"
    before = newest_backup(settings.backups_dir)
    made = make_backup(
        folder,
        dsn=libpq_address(_own_address(core)),
        settings=settings,
        before=before.folder if before else None,
    )
    report = verify_backup(folder, settings=settings, opener=Opener.from_identity(made.identity))
    if not report.ok:
        for one in report.faults:
            log.error("backup_has_fault", backup=folder.name, fault=one.words)
        raise BackupError(f"{folder} was restored on trial, and {len(report.faults)} faults were found: `mawid doctor`")
    log.info("backup_tried", backup=folder.name)
    _remove_old(settings.backups_dir, settings.backups_kept)


def _own_address(core: Core) -> str | URL:
    """Return the server's own address: what pg_dump sets for itself would stay on a pooler's connection."""
    settings = core.settings
    if not settings.database_pooled:
        url: URL = core.sessions.kw["bind"].url
        return url
    if settings.database_listen_url is None:
        raise BackupError(
            "a backup is not made through a pooler: name the server's own address in MAWID_DATABASE_LISTEN_URL"
        )
    return settings.database_listen_url.get_secret_value()


def _remove_old(folder: Path, kept: int) -> None:
    """Remove all nightly backups but the newest ones; the newest that was tried stays in any case."""
    ours = sorted(
        (one for one in list_backups(folder) if one.folder.name.startswith(PREFIX)),
        key=lambda one: (one.made_at, one.folder.name),
        reverse=True,
    )
    tried = next((one for one in ours if one.verified_at is not None), None)
    for one in ours[kept:]:
        if one is not tried:
            shutil.rmtree(one.folder)
            log.info("old_backup_removed", backup=one.folder.name)
