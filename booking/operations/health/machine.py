"""What the machine and its keepers have: room on the disk, the last backup, certificates that end, versions."""

import platform
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.x509 import load_pem_x509_certificates
from pydantic import SecretStr
from sqlalchemy import ScalarSelect, func, select, text

from booking.country.core.core import Core
from booking.operations.backup.folder import Made, newest_backup
from booking.platform.base.settings import PREFIX, Settings
from booking.platform.models import KeyCheck, LimitSetVersion, ModelVersion, QuotaPolicy, RuleSetVersion

OLD_BACKUP: Final = timedelta(days=2)
"""A backup is made each night: an older one says that one failed."""
CERTIFICATES: Final = (
    *("register_client_certificate", "register_ca_file", "security_syslog_ca_file", "s3_ca_file"),
    *("dask_ca", "dask_certificate", "webhook_ca_file"),
)
"""Settings that name certificates which end. That of the site itself is its proxy's."""
_ADDRESSES: Final = (
    *("database_url", "database_owner_url", "database_listen_url", "database_reader_url", "database_replica_url"),
    "redis_url",
)
_IN_ADDRESS: Final = ("sslrootcert", "sslcert", "ssl_ca_certs", "ssl_certfile")
"""What addresses of the servers call files with certificates; the word "system" names none."""
_ABOUT: Final = text(
    "SELECT current_setting('server_version'), pg_database_size(current_database()),"
    " (SELECT version_num FROM alembic_version)"
)


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that are free and that there are where evidence and keys are kept."""

    free: int
    total: int

    @property
    def share(self) -> float:
        """The free part of all."""
        return self.free / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Ends:
    """When the certificates that a setting names end, the first of them; None where the file cannot be read."""

    setting: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Versions:
    """Which software runs on which data: versions of what decides are None where none is active."""

    mawid: str
    python: str
    postgresql: str
    schema: str
    database_bytes: int
    quotas: int | None
    rules: int | None
    model: int | None
    limits: int | None
    secret_since: datetime | None


def read_room(settings: Settings) -> Room:
    """Return the room of the disk that holds evidence; raises OSError where it is not there."""
    usage = shutil.disk_usage(_existing(settings.evidence_folder))
    return Room(usage.free, usage.total)


def last_backup(settings: Settings) -> Made | None:
    """Return the newest whole backup in the folder that the settings name; None where none is seen."""
    return newest_backup(settings.backups_dir) if settings.backups_dir else None


def list_certificates(settings: Settings) -> Sequence[Ends]:
    """Return when each certificate ends that the settings name."""
    named = [(name, getattr(settings, name)) for name in CERTIFICATES]
    named += [(name, path) for name in _ADDRESSES for path in _in_address(getattr(settings, name))]
    return [Ends(f"{PREFIX}{name.upper()}", _ends(path)) for name, path in named if path is not None]


def read_versions(core: Core) -> Versions:
    """Return the versions of software, schema and policies."""
    active = [_active(kind) for kind in (QuotaPolicy, RuleSetVersion, ModelVersion, LimitSetVersion)]
    since = select(func.max(KeyCheck.created_at)).where(KeyCheck.present).scalar_subquery()
    with core.sessions() as session:
        server, size, schema = session.execute(_ABOUT).one()
        *numbers, secret_since = session.execute(select(*active, since)).one()
    quotas, rules, model, limits = numbers
    return Versions(
        mawid=version("mawid"),
        python=platform.python_version(),
        postgresql=server,
        schema=schema,
        database_bytes=size,
        quotas=quotas,
        rules=rules,
        model=model,
        limits=limits,
        secret_since=secret_since,
    )


def _active(kind: type[QuotaPolicy | RuleSetVersion | ModelVersion | LimitSetVersion]) -> ScalarSelect[int]:
    return select(func.max(kind.version)).where(kind.active).scalar_subquery()


def _in_address(address: SecretStr | None) -> list[Path]:
    given = parse_qs(urlsplit(address.get_secret_value()).query) if address is not None else {}
    return [Path(file) for name in _IN_ADDRESS for file in given.get(name, ()) if file != "system"]


def _ends(path: Path) -> datetime | None:
    with suppress(OSError, ValueError):
        return min(one.not_valid_after_utc for one in load_pem_x509_certificates(path.read_bytes()))
    return None


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())
