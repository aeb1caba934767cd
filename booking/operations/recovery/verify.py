"""Try a backup: restore its database into a private server that is gone afterwards, and examine what came."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from booking.country.core.roles import migrate_and_grant
from booking.operations.backup.folder import VERIFIED, write_for_owner
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
