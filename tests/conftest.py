"""Fixtures for every test: one PostgreSQL and one Valkey for the whole run, a fresh database for whoever asks."""

import fcntl
import gc
import io
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

# Tests run side by side: threads of scikit-learn that wait for each other by spinning would only take turns away.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import redis
from hypothesis import settings
from sqlalchemy import make_url

from api.incoming import moments
from booking.platform.base import db, logs
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey, roles
from booking.platform.embedded.postgres import SUPERUSER
from fraud.limiting import redis_client
from tests.support.compiled_once import (
    share_among_workers,
    share_compiled_statements,
    share_parsed_files,
    share_parsed_policies,
)
from tests.support.country import fill_country
from tests.support.databases import Databases
from tests.support.distribution import Scheduling, sort_by_length
from tests.support.effort import Effort, examples
from tests.support.pgbouncer import a_pgbouncer
from tests.support.redis_cluster import RunningCluster, a_cluster
from tests.support.roles import go_through
from tests.support.workers import shared_folder, valkey_database

pytest_plugins = ["tests.support.neighbours"]

share_compiled_statements()
share_parsed_policies()
share_parsed_files()

gc.set_threshold(100_000, 20, 20)  # most of a million objects stay to the end: looking through them finds nothing

# A busy machine is no fault, and the same run twice must give the same result.
settings.register_profile("mawid", deadline=None, derandomize=True)
settings.load_profile("mawid")

# Nor is Valkey away where it waited for its turn: degraded, the gate would check everyone. Refusals are told at once.
PATIENCE_IN_USE, PAUSE_IN_USE = redis_client.TIMEOUT_SECONDS, moments.PAUSE_SECONDS
redis_client.TIMEOUT_SECONDS, moments.PAUSE_SECONDS = 10.0, 0.0
# Whoever holds a lock may wait for a processor meanwhile. Longer than half a minute no test holds one.
db._OPTIONS = db._OPTIONS.replace("lock_timeout=5s", "lock_timeout=30s")

HERE = Path(__file__).parent
APART = {"crash", "journeys", "notebooks", "races", "standalone"}
"""Folders whose tests start processes of their own; no test in them is quick."""
SERVERS = {"_servers", "browser_path"}
"""Fixtures that start PostgreSQL, Valkey or a browser."""

TEMPLATE = "mawid_template"
COUNTRY = "mawid_country"
MEMORY = Path("/dev/shm")  # noqa: S108 - each run has a folder of its own in it
ROOM = 3 << 30  # bytes that a run may take; less is free in most containers, and a disk does too


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``./run test``."""
    parser.addoption("--quick", action="store_true", help="run only tests that are fast and need no server")
    parser.addoption("--thorough", action="store_true", help="try everything, as each night does")
    parser.addoption("--pgbouncer", action="store_true", help="connect the application's role through PgBouncer")
    parser.addoption("--cluster", action="store_true", help="keep sessions and limits in a cluster of three Valkeys")


def pytest_configure(config: pytest.Config) -> None:
    """Set how many examples each test tries, before any is collected."""
    Effort.thorough = config.getoption("--thorough")
    settings.register_profile("mawid", settings.get_profile("mawid"), max_examples=examples(50, nightly=100))
    settings.load_profile("mawid")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Keep the tests of a file, and those that share slow fixtures, in one worker."""
    return Scheduling(config, log)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Share compiled templates and PostgreSQL's data among the workers of this run."""
    share_among_workers(shared_folder(session.config._tmp_path_factory))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import files that have no quick test."""
    inside = collection_path.relative_to(HERE).parts[:1] if collection_path.is_relative_to(HERE) else ()
    return True if config.getoption("--quick") and not APART.isdisjoint(inside) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run does not try, and put long files first."""
    quick = config.getoption("--quick")
    left_out = {item for item in items if _waits_for_night(item) or (quick and not _is_quick(item))}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]
    sort_by_length(items)


def _waits_for_night(item: pytest.Item) -> bool:
    return not Effort.thorough and item.get_closest_marker("nightly") is not None


def _is_quick(item: pytest.Item) -> bool:
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ())) and item.get_closest_marker("slow") is None


def pytest_collection_finish() -> None:
    """Exclude what was imported and collected from garbage collection: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Log as in production, whatever was tested before: structlog alone prints each local variable of a traceback."""
    logs.configure(io.StringIO(), logging.WARNING)


@pytest.fixture(scope="session")
def _run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share, and no other run; in memory where there is room.

    A database is copied there in a tenth of the time, and most tests have one of their own.
    """
    base = shared_folder(tmp_path_factory)
    folder = base / "servers"
    with _locked(base / "folder.lock", fcntl.LOCK_EX):
        if not folder.exists():
            folder.unlink(missing_ok=True)  # a link to memory that was given back
            _remove_left_over()
            if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
                folder.symlink_to(tempfile.mkdtemp(prefix="mawid-tests-", dir=MEMORY), target_is_directory=True)
            else:
                folder.mkdir()
    return folder.resolve()


def _remove_left_over() -> None:
    """Give back the memory of runs that were killed: nobody holds their locks any more."""
    for folder in MEMORY.glob("mawid-tests-*"):
        with suppress(OSError), (folder / "users.lock").open() as users:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)


@contextmanager
def _locked(path: Path, how: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.fixture(scope="session", autouse=True)
def _users(_run_folder: Path) -> Iterator[int]:
    """The lock that each worker shares from its first test to its end, whether it needs the servers or not."""
    with _locked(_run_folder / "users.lock", fcntl.LOCK_SH) as users:
        yield users


@pytest.fixture(scope="session")
def _servers(_run_folder: Path, _users: int) -> Iterator[tuple[EmbeddedPostgres, EmbeddedValkey]]:
    """The servers of the run: the first worker that needs them starts them, others attach, the starter leaves last."""
    postgres = EmbeddedPostgres(_run_folder / "p", durable=False)
    valkey = EmbeddedValkey(_run_folder / "v", durable=False)
    with _locked(_run_folder / "start.lock", fcntl.LOCK_EX):
        postgres.start()
        valkey.start()
    yield postgres, valkey
    ours = [server for server in (postgres, valkey) if server.process_id is not None]
    if ours:
        fcntl.flock(_users, fcntl.LOCK_EX)  # granted when every other worker has ended
    valkey.stop()
    postgres.stop()
    for server in ours:
        shutil.rmtree(server.folder)
    if ours and _run_folder.is_relative_to(MEMORY):
        shutil.rmtree(_run_folder)


@pytest.fixture(scope="session")
def _databases(_servers: tuple[EmbeddedPostgres, EmbeddedValkey], pytestconfig: pytest.Config) -> Iterator[Databases]:
    """What makes and drops this worker's databases; where it was asked for, behind a pooler."""
    with Databases(_servers[0]) as databases, ExitStack() as running:
        if pytestconfig.getoption("--pgbouncer"):
            databases.limit(roles.APP)
            databases.limit(SUPERUSER)
            server = str(make_url(_servers[0].url).query["host"])
            go_through(running.enter_context(a_pgbouncer(server)), server)
        yield databases


@pytest.fixture(scope="session")
def new_database(_databases: Databases, _run_folder: Path) -> Callable[[], str]:
    """Make one more migrated, empty database and return its address."""
    with _locked(_run_folder / "template.lock", fcntl.LOCK_EX):
        if not _databases.has(TEMPLATE):
            _databases.make_template(TEMPLATE)
    return partial(_databases.copy, TEMPLATE)


@pytest.fixture(scope="module")
def module_database_url(new_database: Callable[[], str], _databases: Databases) -> Iterator[str]:
    """A database of this file's tests, for those that only read what a fixture prepared."""
    yield from _databases.until_dropped(new_database())


@pytest.fixture(scope="session")
def _cluster(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[RunningCluster | None]:
    """This process' own cluster of Valkey, where it was asked for."""
    if not pytestconfig.getoption("--cluster"):
        yield None
        return
    with a_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def redis_url(_servers: tuple[EmbeddedPostgres, EmbeddedValkey], _cluster: RunningCluster | None) -> Iterator[str]:
    """An empty Valkey database of this test alone; of a cluster, whose keys have to be in one slot."""
    if _cluster is not None:
        _cluster.empty()
        yield _cluster.url
        assert _cluster.strays() == []
        return
    url = f"{_servers[1].url}?db={valkey_database()}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    yield url


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients of the limiter be as hurried as where they are used."""
    monkeypatch.setattr(redis_client, "TIMEOUT_SECONDS", PATIENCE_IN_USE)


@pytest.fixture(scope="session")
def new_country(
    new_database: Callable[[], str],
    _databases: Databases,
    _servers: tuple[EmbeddedPostgres, EmbeddedValkey],
    _run_folder: Path,
) -> Callable[[], str]:
    """Make one more database that holds the Syrian pack, 45 days of slots, the default rules and a small model."""
    with _locked(_run_folder / "country.lock", fcntl.LOCK_EX):
        if not _databases.has(COUNTRY):
            draft = new_database()
            fill_country(draft, _servers[1].url)
            _databases.rename(draft, COUNTRY)
    return partial(_databases.copy, COUNTRY)


@pytest.fixture(scope="session")
def browser_path() -> str | None:
    """The system's Chromium, where it is more than a name; None lets Playwright use the one it installed."""
    found = map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path and _runs(path)), None)


def _runs(path: str) -> bool:
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
