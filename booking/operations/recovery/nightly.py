"""The backup of each night: made, tried, and those from long ago removed."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import URL

from booking.country.core.core import Core
from booking.country.core.roles import migrate_and_grant
from booking.operations.backup.folder import VERIFIED, list_backups, newest_backup, write_for_owner
from booking.operations.backup.make import make_backup
from booking.operations.backup.manifest import EVIDENCE, Manifest
from booking.operations.backup.ours import read_ours
from booking.operations.backup.programs import BackupError
from booking.operations.backup.restore import Opener, restoring_database
from booking.operations.doctor.examine import examine_copy
from booking.operations.doctor.findings import Report
from booking.platform.base.clock import SettableClock, SystemClock
from booking.platform.base.libpq import libpq_address
from booking.platform.base.settings import Environment, Settings
from booking.platform.embedded import EmbeddedPostgres, Servers, roles

ROOM: Final = 1.5
"""Times what the database took on its server: its indexes are made anew, and its log grows beside them."""


def verify_backup(
    folder: Path, *, settings: Settings, opener: Opener | None = None, scratch: Path | None = None
) -> Report:
    """Restore a backup's database on trial and return what the examination found; the installation is not touched.

    Files are compared with the manifest and with the rows that name them. An older version's schema is brought up to
    date on the way, as a restore would need it. Where nothing is wrong, the backup is marked as tried.

    Parameters
    ----------
    scratch
        The folder for the server that is started, on a disk with room for the database; none: the state folder, or
        where the backup is.

    Raises
    ------
    BackupError
        The backup is damaged or not ours, cannot be opened, or there is no room to try it.
    SettingsError
        The secret cannot be read.
    SchemaError
        The migrations do not lead from the backup's schema to this version's.
    ServerError
        The private server does not start.
    """
    manifest = read_ours(folder, settings)
    room = _with_room([scratch] if scratch else [settings.state_dir, folder.parent], manifest)
    with (
        tempfile.TemporaryDirectory(prefix=".trial-", dir=room) as place,
        EmbeddedPostgres(Path(place) / "postgresql", durable=False) as trial,
    ):
        servers = Servers(
            *(trial.url_of(roles.APP), "unix:///nowhere"), *map(trial.url_of, (roles.OWNER, roles.READER))
        )
        quiet, address = _of_the_copy(settings, folder), libpq_address(servers.owner_url)
        with restoring_database(folder, manifest, dsn=address, opener=opener):
            pass
        migrate_and_grant(servers, always=True)
        report = examine_copy(quiet, servers, clock=SettableClock(manifest.made_at))
    if report.ok:
        _mark(folder, SystemClock().now())
    return report


def _of_the_copy(settings: Settings, folder: Path) -> Settings:
    """Return settings by which the copy is opened: its files and its own server, and no word to anybody outside."""
    changed = {"evidence_dir": folder / EVIDENCE, "environment": Environment.DEMO, "register_url": None}
    changed |= {"s3_bucket": None, "s3_beside_folder": False, "traces_url": None}
    changed |= {"database_pooled": False, "database_listen_url": None, "database_replica_url": None}
    return settings.model_copy(update=changed | {"security_log": None, "security_syslog": None, "backups_dir": None})


def _with_room(places: Sequence[Path], manifest: Manifest) -> Path:
    """Return the first place with room for the trial."""
    need = manifest.database_bytes * ROOM
    for place in places:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(place).free >= need:
            return place
    raise BackupError(
        f"to try the backup takes {need / 2**30:.1f} GiB, and {' and '.join(map(str, places))} have less: name a folder"
        " with room (--scratch), or try it on another machine"
    )


def _mark(folder: Path, at: datetime) -> None:
    """Keep that the backup was tried, for administrators to see."""
    (folder / VERIFIED).unlink(missing_ok=True)
    write_for_owner(folder / VERIFIED, json.dumps({"verified_at": at.isoformat()}) + "\n")


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
