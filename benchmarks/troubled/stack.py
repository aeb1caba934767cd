"""The processes of an installation, each started again when it dies as systemd would, and ways to kill them."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from booking.platform.base.db import TIME_LIMITS
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey, Servers, roles
from booking.platform.embedded.process import as_someone, dies_with_parent
from deploy.checks.free_ports import free_port
from tests.support.pgbouncer import PORT as POOLER_PORT
from tests.support.pgbouncer import pgbouncer_command, write_settings

LENT: Final = "lent"
"""The file in which `benchmarks.troubled.lender` says how the work went that it lent."""
PAUSE: Final = 0.1
"""Seconds until systemd starts a process again (RestartSec)."""
STARTED_WITHIN: Final = 600.0
BACKENDS: Final = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


class Unit:
    """A process that is started again whenever it ends; what it leaves behind is killed first, as in its cgroup."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.starts = name, 0
        self._command, self._environment, self._log = [*dies_with_parent("KILL"), *command], environment, log
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping, self._may_start = threading.Event(), threading.Event()
        self._may_start.set()
        self._keeper = threading.Thread(target=self._keep, name=name, daemon=True)

    def start(self) -> None:
        """Start it, from a thread that lives as long as it."""
        self._keeper.start()

    def stop(self) -> None:
        """Kill it, and everything that it started."""
        self._stopping.set()
        self.release()
        self.kill()
        self._keeper.join()

    def hold(self) -> None:
        """Let it not start again until it is released."""
        self._may_start.clear()

    def release(self) -> None:
        """Let it start again."""
        self._may_start.set()

    @property
    def process_id(self) -> int | None:
        """The number of its process; None between two."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def kill(self) -> None:
        """Kill the process itself; nothing where there is none."""
        kill(self.process_id)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._log.open("ab") as log:
                self._process = process = subprocess.Popen(
                    self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
                )
            self.starts += 1
            process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            self._stopping.wait(PAUSE)
            self._may_start.wait()


class Stack:
    """What runs beside the servers: PgBouncer where it is wanted, web processes, a worker, and who draws.

    ``servers``: the addresses of the database and of Valkey; ``private``: the servers themselves, where they are ours;
    ``host``: where the site is served; ``before``: what stands before each command.
    """

    def __init__(
        self,
        folder: Path,
        servers: Servers,
        port: int,
        private: tuple[EmbeddedPostgres, EmbeddedValkey] | None = None,
        *,
        host: str = "127.0.0.1",
        before: Sequence[str] = (),
    ) -> None:
        self.folder, self.servers, self.port, self._private = folder, servers, port, private
        self.host, self._before, self.environment = host, before, dict[str, str]()
        self.units: dict[str, Unit] = {}

    @property
    def logs(self) -> Path:
        """The folder of what all processes write."""
        return self.folder / "logs"

    @property
    def computes(self) -> bool:
        """Whether there are workers that compute."""
        return "computers" in self.units

    @property
    def temporary(self) -> Path:
        """The folder in which they keep what they need for a moment."""
        return self.folder / "tmp"

    @property
    def dsn(self) -> str:
        """The private PostgreSQL's address for its superuser."""
        assert self._private is not None
        return self._private[0].dsn

    def start(self, environment: Mapping[str, str], *, pooled: bool, computing: bool = False) -> None:
        """Start it all, and return once the site answers; ``computing``: with workers that compute."""
        ours = {
            **environment,
            "MAWID_DATABASE_URL": self.servers.database_url,
            "MAWID_REDIS_URL": self.servers.redis_url,
            "TMPDIR": str(self.temporary),
        }
        self.temporary.mkdir(exist_ok=True)
        self.temporary.chmod(0o1777)
        self.environment = ours
        if pooled:
            self._put_pooler_before(ours)
        mawid = [sys.executable, "-m", "booking"]
        self.add("serve", [*mawid, "serve", "--no-worker", "--host", self.host, "--port", str(self.port)], ours)
        self.add("worker", [*mawid, "worker"], ours)
        self.add("draw", [sys.executable, "-m", "benchmarks.troubled.drawer"], ours)
        if computing:
            self._lend_work(ours)
        self.until_answers()

    def _lend_work(self, ours: Mapping[str, str]) -> None:
        """Start a scheduler and the workers that compute, and who lends them work."""
        port = free_port()
        theirs = {**ours, "MAWID_DASK_ADDRESS": f"tcp://127.0.0.1:{port}", "MAWID_DASK_OPEN_ON_THIS_MACHINE": "true"}
        command = [sys.executable, "-m", "booking", "computing"]
        self.add("scheduler", [*command, "scheduler", "--port", str(port)], theirs)
        self.add("computers", [*command, "worker", "--processes", "2"], theirs)
        self.add("lender", [sys.executable, "-m", "benchmarks.troubled.lender", str(self.folder / LENT)], theirs)

    def _put_pooler_before(self, ours: dict[str, str]) -> None:
        """Start PgBouncer, and have the others go through it, as the runbook says."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for name, value in TIME_LIMITS.items():
                connection.execute(f"ALTER ROLE {roles.APP} SET {name} = '{value}'".encode())
        own = self.folder / "b"
        own.mkdir()
        direct = make_url(self.servers.database_url)
        command = pgbouncer_command(write_settings(own, str(direct.query["host"])))
        self.add("pgbouncer", [*as_someone(), *command], ours)
        pooler = direct.update_query_dict({"host": str(own), "port": str(POOLER_PORT)})
        ours["MAWID_DATABASE_LISTEN_URL"] = ours["MAWID_DATABASE_URL"]
        ours |= {"MAWID_DATABASE_URL": pooler.render_as_string(hide_password=False), "MAWID_DATABASE_POOLED": "true"}

    def until_answers(self) -> None:
        """Return once the site is ready."""
        give_up_at = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < give_up_at:
            if self.is_ready():
                return
            time.sleep(0.2)
        raise AssertionError(f"the site does not answer: {(self.folder / 'serve.log').read_text()[-2000:]}")

    def is_ready(self) -> bool:
        """Return whether the site says that it can do its work."""
        address = f"http://{self.host}:{self.port}/readyz"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False

    def victims(self) -> dict[str, Callable[[random.Random], int | None]]:
        """Return for each kind of process how one of them is found; None where there is none now."""
        assert self._private is not None
        postgres, valkey = self._private
        found: dict[str, Callable[[random.Random], int | None]] = {
            "PostgreSQL": lambda _: postgres.process_id,
            "a connection's process": self._backend,
            "Valkey": lambda _: valkey.process_id,
            "mawid serve": lambda _: self.units["serve"].process_id,
            "a web process": lambda chance: self._below("serve", chance, "spawn_main"),
            "register": lambda chance: self._below("serve", chance, "api.stand_in_register"),
            "converter": lambda chance: self._below("serve", chance, "booking.people.evidence"),
            "worker": lambda _: self.units["worker"].process_id,
            "who draws": lambda _: self.units["draw"].process_id,
        }
        if "pgbouncer" in self.units:
            found["PgBouncer"] = lambda _: self.units["pgbouncer"].process_id
        if self.computes:
            found["Dask's scheduler"] = lambda _: self.units["scheduler"].process_id
            found["a Dask worker"] = lambda chance: self._below("computers", chance, "spawn_main")
        return found

    def stop(self) -> None:
        """Kill everything but the servers."""
        for unit in self.units.values():
            unit.stop()

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Unit:
        """Start one more process."""
        self.logs.mkdir(exist_ok=True)
        self.units[name] = Unit(name, [*self._before, *command], environment, self.logs / f"{name}.log")
        self.units[name].start()
        return self.units[name]

    def _below(self, unit: str, chance: random.Random, word: str) -> int | None:
        top = self.units[unit].process_id
        found = [] if top is None else list(_named(top, word))
        return chance.choice(found) if found else None

    def _backend(self, chance: random.Random) -> int | None:
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.dsn) as connection:
            if found := connection.execute(BACKENDS).fetchall():
                return int(chance.choice(found)[0])
        return None


@contextmanager
def a_stack(folder: Path, port: int) -> Iterator[Stack]:
    """Start durable servers, and kill whatever was started beside them in the end."""
    with ExitStack() as running:
        postgres = running.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = running.enter_context(EmbeddedValkey(folder / "v"))
        app, owner, reader = map(postgres.url_of, (roles.APP, roles.OWNER, roles.READER))
        stack = Stack(folder, Servers(app, valkey.url, owner, reader), port, (postgres, valkey))
        running.callback(stack.stop)
        yield stack


def kill(process_id: int | None) -> bool:
    """Kill a process with SIGKILL; False where there is none any more."""
    if process_id is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)
        return True
    return False


def _named(top: int, word: str) -> Iterator[int]:
    """Yield the processes below one whose command has a word."""
    for child in _children(top):
        with contextlib.suppress(OSError):
            if word.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child
        yield from _named(child, word)


def _children(process_id: int) -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process_id}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found
