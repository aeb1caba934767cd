"""What waits, how much and since when; and how the draws stand. One statement each, without anybody's data."""

import platform
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography.x509 import load_pem_x509_certificates
from pydantic import SecretStr
from sqlalchemy import DateTime, ScalarSelect, Select, cast, func, literal, null, or_, select, text, union_all

from booking.country.core.core import Core
from booking.operations.backup.folder import Made, newest_backup
from booking.operations.worker.periods import PERIODS, Every
from booking.operations.worker.views import BEHIND_AFTER
from booking.platform.base.message_states import MessageState
from booking.platform.base.settings import PREFIX, Settings
from booking.platform.models import (
    Appeal,
    Draw,
    KeyCheck,
    LimitSetVersion,
    LogPending,
    Message,
    ModelVersion,
    OnlineCase,
    QuotaPolicy,
    Request,
    RuleSetVersion,
    SwapNight,
    SwapState,
    UrgentRequest,
    is_under_review,
)
from booking.platform.models.online.case import WITH_AGENCY
from booking.platform.models.states import WITH_OFFICERS, DrawState
from booking.scheduling.draws.progress import HowFar, list_progress
from booking.scheduling.requests.review import waits_for_answer
from booking.scheduling.swaps.damaged import IS_DAMAGED

HELD_AFTER: Final = timedelta(hours=1)
"""A draw, or a night of the exchange, whose next step is due for longer is held up."""
LONGEST_AHEAD: Final = timedelta(hours=26)
"""No night of the exchange is announced for later: one that is was changed, and keeps the next ones from coming."""
UNSENT_AFTER: Final = timedelta(minutes=10)
"""A notice that could be sent and waits for longer is late."""


class Waiting(StrEnum):
    """What waits."""

    REVIEWS = "reviews"
    APPEALS = "appeals"
    URGENT = "urgent"
    ONLINE = "online"
    NOTICES = "notices"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Queue:
    """How much waits, the oldest since when (None: nothing waits, or no time is kept), and how much of it is late."""

    what: Waiting
    count: int
    oldest_at: datetime | None
    late: int


@dataclass(frozen=True, slots=True)
class Draws:
    """The latest draw that was published, the next one, those whose next step is long due, and those at work now.

    ``nights``: of the exchange, that are held up; one that is damaged is so at once.
    """

    last: Draw | None
    next: Draw | None
    held: tuple[Draw, ...]
    going: tuple[HowFar, ...]
    nights: tuple[SwapNight, ...]


def list_queues(core: Core) -> list[Queue]:
    """Count what waits for officers, agencies, carriers and the log."""
    now, today = core.clock.now(), core.today()
    sendable = func.coalesce(Message.next_at, Message.not_before, Message.created_at)
    with_officers, with_agency = UrgentRequest.state.in_(WITH_OFFICERS), OnlineCase.state.in_(WITH_AGENCY)
    statements = (
        _waits(Waiting.REVIEWS, Request, Request.created_at, None).where(is_under_review()),
        _waits(Waiting.APPEALS, Appeal, Appeal.created_at, Appeal.answer_by < today).where(waits_for_answer()),
        _waits(Waiting.URGENT, UrgentRequest, UrgentRequest.submitted_at, UrgentRequest.needed_by < today).where(
            with_officers
        ),
        _waits(Waiting.ONLINE, OnlineCase, OnlineCase.submitted_at, OnlineCase.due_on < today).where(with_agency),
        _waits(Waiting.NOTICES, Message, Message.created_at, sendable < now - UNSENT_AFTER).where(
            Message.state == MessageState.WAITING
        ),
        _waits(Waiting.LOG, LogPending, cast(null(), DateTime(timezone=True)), None),
    )
    with core.sessions() as session:
        found = {row[0]: row for row in session.execute(union_all(*statements))}
    return [Queue(one, found[one][1], found[one][2], found[one][3]) for one in Waiting]


def read_draws(core: Core) -> Draws:
    """Return how the draws stand."""
    now = core.clock.now()
    with core.sessions() as session:
        last = select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(1)
        unpublished = Draw.state.not_in([DrawState.PUBLISHED, DrawState.ABANDONED])
        coming = session.scalars(select(Draw).where(unpublished).order_by(Draw.closes_at)).all()
        going_on = SwapNight.state.in_([SwapState.ANNOUNCED, SwapState.CLOSED])
        due = func.coalesce(SwapNight.closed_at, SwapNight.closes_at).between(now - HELD_AFTER, now + LONGEST_AHEAD)
        held = select(SwapNight).where(going_on, or_(~due, IS_DAMAGED))
        return Draws(
            last=session.scalar(last),
            next=next((one for one in coming if one.closes_at > now), None),
            held=tuple(one for one in coming if now - (one.drawn_at or one.closed_at or one.closes_at) > HELD_AFTER),
            going=tuple(list_progress(core)),
            nights=tuple(session.scalars(held.order_by(SwapNight.closes_at))),
        )


def _waits(what: Waiting, table: Any, since: Any, late: Any) -> Select[str, int, datetime, int]:
    late_ones = literal(0) if late is None else func.count().filter(late)
    return select(literal(what.value), func.count(), func.min(since), late_ones).select_from(table)


_LAST: Final = text(
    """
    SELECT wanted.name, to_timestamp(last.defer_timestamp), CAST(job.status AS text),
        extract(epoch FROM now()) - last.defer_timestamp
    FROM unnest(CAST(:names AS text[])) AS wanted(name)
    LEFT JOIN LATERAL (
        SELECT defer_timestamp, job_id FROM procrastinate_periodic_defers
        WHERE task_name = wanted.name ORDER BY defer_timestamp DESC LIMIT 1
    ) last ON true
    LEFT JOIN procrastinate_jobs job ON job.id = last.job_id
    """
)
_WAITS, _RUNS, _FAILED = "todo", "doing", "failed"


class Ran(StrEnum):
    """How the last run of a job stands; overdue: it should have begun again long ago; never: nothing is known."""

    WELL = "well"
    RUNS = "runs"
    WAITS = "waits"
    FAILED = "failed"
    OVERDUE = "overdue"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that runs by itself: how often, when it was due last and when it is next, by the database's clock."""

    name: str
    every: Every
    ran: Ran
    last_at: datetime | None
    next_at: datetime | None


def list_runs(core: Core) -> list[JobRun]:
    """Return every job that runs by itself, those that did not go well before the others."""
    with core.sessions() as session:
        rows = session.execute(_LAST, {"names": list(PERIODS)}).all()
    runs = [_run(*row) for row in rows]
    return sorted(runs, key=lambda one: (one.ran in {Ran.WELL, Ran.RUNS}, list(PERIODS).index(one.name)))


def _run(name: str, last_at: datetime | None, status: str | None, age: float | None) -> JobRun:
    every = PERIODS[name]
    if last_at is None or age is None:
        return JobRun(name, every, Ran.NEVER, None, None)
    overdue = float(age) > every.length.total_seconds() + BEHIND_AFTER
    ran = {_FAILED: Ran.FAILED, _RUNS: Ran.RUNS, _WAITS: Ran.WAITS}.get(status or "", Ran.WELL)
    return JobRun(name, every, Ran.OVERDUE if overdue else ran, last_at, last_at + every.length)


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
