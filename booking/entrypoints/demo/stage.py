"""The demonstration's own servers, its empty database and its settings.

The ready accounts, kept beside a demonstration's data so that a page can show them, and who may read them.

A page that hands out sessions must never be served where somebody is real. So three things must be true at once: the
settings are a demonstration's, which production refuses; the database bears the mark of a demonstration that made it;
and its state folder holds the file, which only a play writes. Entering takes the password in it all the same: whoever
plants a file gains nothing that they could not type.
"""

import fcntl
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import redis
from sqlalchemy import Connection, create_engine, text

from booking.country.core.core import Core
from booking.country.core.roles import migrate_and_grant
from booking.entrypoints.demo.witnesses import found_group
from booking.people.registers.choose import BOOK
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.base.settings import KEY_FILE, Environment, SecondFactor, Settings, load_settings
from booking.platform.embedded import start_servers

MADE_BY_DEMO: Final = "made by the demonstration of Mawid, which may empty it"
"""The comment on the schema of a demonstration's database."""
MARK: Final = text("SELECT obj_description('public'::regnamespace)")
_FILE: Final = "ready-accounts.json"


@dataclass(frozen=True, slots=True)
class Ready:
    """An account that can be used at once; ``finds`` says what waits for it."""

    username: str
    password: str
    page: str
    finds: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a play keeps for its page: its accounts, and when an office is open today for the demonstration alone."""

    accounts: Sequence[Ready]
    open_today: tuple[datetime, datetime] | None = None


def write_ready(folder: Path, kept: Kept) -> None:
    """Keep the accounts in the state folder, for its owner alone."""
    forget_ready(folder)
    content = {
        "accounts": [asdict(one) for one in kept.accounts],
        "open_today": kept.open_today and [one.isoformat() for one in kept.open_today],
    }
    descriptor = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)


def forget_ready(folder: Path) -> None:
    """Remove what an earlier play kept."""
    (folder / _FILE).unlink(missing_ok=True)


def is_kept(settings: Settings) -> bool:
    """Return whether pages may lead to the accounts; `read_ready` asks the database too."""
    return _says_so(settings) and (settings.state_dir / _FILE).is_file()


def read_ready(core: Core) -> Kept:
    """Return what the play kept.

    Raises
    ------
    NotFoundError
        This is not a demonstration, or its play wrote none.
    """
    if not _says_so(core.settings) or not _bears_the_mark(core):
        raise NotFoundError
    try:
        content = json.loads((core.settings.state_dir / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError from None
    hours = content["open_today"]
    return Kept(
        [Ready(**one) for one in content["accounts"]],
        (datetime.fromisoformat(hours[0]), datetime.fromisoformat(hours[1])) if hours else None,
    )


def _says_so(settings: Settings) -> bool:
    """Return whether the settings are those that only a demonstration has."""
    return (
        settings.environment is Environment.DEMO
        and settings.show_outbox
        and settings.staff_second_factor is SecondFactor.OFF
    )


def _bears_the_mark(core: Core) -> bool:
    with core.sessions() as session:
        return bool(session.scalar(MARK) == MADE_BY_DEMO)


SECURITY_LOG: Final = "security-events.jsonl"
"""Beside the demonstration's data, or its lines would stand between the steps that people read."""
NUMBER: Final = "1515"
"""To which notices ask for an answer; the outbox page sends it."""


class NotOursError(MawidError):
    """The database holds something that no demonstration made; it is left alone."""

    code = "not_ours"


class DemoRunningError(MawidError):
    """Another demonstration runs in the same state folder."""

    code = "demo_running"


@dataclass(frozen=True, slots=True)
class Place:
    """What is kept apart: a folder in the state folder, and the mark of a database that may be emptied."""

    folder: str
    mark: str


DEMO: Final = Place("demo", MADE_BY_DEMO)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demonstration plays."""

    settings: Settings
    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables by which other processes find the same stage."""
        return {
            "MAWID_STATE_DIR": str(self.settings.state_dir),
            "MAWID_ENVIRONMENT": self.settings.environment.value,
            "MAWID_SHOW_OUTBOX": "true",
            "MAWID_PAYMENT_PROVIDER": self.settings.payment_provider or "",
            "MAWID_STAFF_SECOND_FACTOR": self.settings.staff_second_factor.value,
            "MAWID_BASE_URL": self.settings.base_url,
            "MAWID_BEACON": self.settings.beacon.value,
            "MAWID_BEACON_GROUP": ",".join(map(str, self.settings.beacon_group)),
            "MAWID_WITNESSES": str(self.settings.witnesses),
            "MAWID_INCOMING_SMS_NUMBER": NUMBER,
            # nobody passes messages on: the outbox page sends them
            "MAWID_INCOMING_SMS_SECRET": f"whsec_{b64encode(secrets.token_bytes(32)).decode()}",
        }


@contextmanager
def open_stage(*, host: str, port: int, place: Place = DEMO) -> Iterator[Stage]:
    """Start (or find) the servers, and yield an empty, migrated database.

    Everything is kept in the place's own folder of the state folder, apart from a real installation.

    Raises
    ------
    NotOursError
        ``MAWID_DATABASE_URL`` names a database with content that the place's own play did not make, or production.
    DemoRunningError
        Another demonstration holds the state folder.
    """
    given = load_settings()
    if given.environment is Environment.PRODUCTION:
        raise NotOursError("MAWID_ENVIRONMENT is production: a demonstration has no place there")
    settings = given.model_copy(
        update={
            "state_dir": (given.state_dir / place.folder).resolve(),
            "show_outbox": True,
            "security_log": given.security_log or (given.state_dir / place.folder / SECURITY_LOG).resolve(),
            "payment_provider": given.payment_provider or "sandbox",
            "incoming_sms_number": NUMBER,
            "register_url": None,  # people who do not exist are asked about where everybody is invented
            "staff_second_factor": SecondFactor.OFF,  # the ready accounts belong to anyone who tries them
            "base_url": f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}",  # noqa: S104 - compared, not bound
        }
    )
    with _alone(settings.state_dir), start_servers(settings) as servers:
        empty_database(servers.owner_url, place.mark)
        (settings.state_dir / BOOK).unlink(missing_ok=True)
        forget_ready(settings.state_dir)
        if settings.secret_key is None:
            # A new database gets new keys, so nothing that an earlier run left in Valkey counts against anybody.
            (settings.state_dir / KEY_FILE).unlink(missing_ok=True)
        if settings.redis_url is None:
            with redis.Redis.from_url(servers.redis_url) as client:
                client.flushdb()
        migrate_and_grant(servers)
        watched = settings.model_copy(update=found_group(settings.state_dir))
        yield Stage(watched, servers.database_url, servers.redis_url)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DemoRunningError(f"a demonstration runs in {folder} already") from None
    finally:
        os.close(lock)


def empty_database(url: str, mark: str = MADE_BY_DEMO) -> None:
    """Drop what an earlier play with the same mark left, and mark the schema as one that the next may drop.

    Raises
    ------
    NotOursError
        Somebody else made its tables.
    """
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            if _holds_tables(connection):
                if connection.scalar(MARK) != mark:
                    raise NotOursError("the database is not empty, and this command did not make it: name another one")
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            connection.execute(text(f"COMMENT ON SCHEMA public IS '{mark}'"))
    finally:
        engine.dispose()


def _holds_tables(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")))
