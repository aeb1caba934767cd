"""Two web hosts, a worker's host and the database's, as network namespaces: what goes on when one is lost.

All web processes and the worker go through one PgBouncer over TCP, and share a Valkey. Needs root and `ip`. Run it as
``./run bench hosts``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
from pydantic import SecretStr
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests and benchmarks are installed nowhere

from benchmarks.replayed.served import SECRET
from booking.base.db import TIME_LIMITS
from booking.base.settings import Settings
from booking.catalogue.load import load_catalogue
from booking.core.core import Core
from booking.core.roles import migrate_and_grant
from booking.embedded import EmbeddedPostgres, Servers, roles
from booking.embedded.valkey import valkey_program
from booking.opening import open_core
from tests.country import an_account
from tests.pgbouncer import PORT as POOLER_PORT
from tests.pgbouncer import a_pgbouncer

NET: Final = "10.77.0"
BRIDGE: Final = "mawid-lan"
HOSTS: Final = {"mawid-db": f"{NET}.1", "mawid-web1": f"{NET}.2", "mawid-web2": f"{NET}.3", "mawid-work": f"{NET}.4"}
WEB: Final = ("mawid-web1", "mawid-web2")
PORT: Final = 8000
PATIENCE: Final = 120.0
CALLS: Final = 200


def ip(*words: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *words], check=True)


def inside(host: str) -> list[str]:
    """Return what stands before a command that runs on a host."""
    return ["ip", "netns", "exec", host]


@contextmanager
def network() -> Iterator[None]:
    """Make the hosts, each with one address, and this machine's own on the same bridge."""
    with ExitStack() as made:
        ip("link", "add", BRIDGE, "type", "bridge")
        made.callback(ip, "link", "del", BRIDGE)
        ip("addr", "add", f"{NET}.254/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for host, address in HOSTS.items():
            ip("netns", "add", host)
            made.callback(ip, "netns", "del", host)
            ip("link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", host)
            ip("link", "set", host, "master", BRIDGE, "up")
            ip("-n", host, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", host, "link", "set", "eth0", "up")
            ip("-n", host, "link", "set", "lo", "up")
        yield


@contextmanager
def running(host: str, command: list[str], folder: Path, settings: dict[str, str]) -> Iterator[None]:
    """Run a command on a host until the block ends; what it says is in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*inside(host), *command], cwd=folder, env=os.environ | settings, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def answers(host: str, path: str = "/readyz") -> bool:
    """Return whether a web host answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(f"http://{HOSTS[host]}:{PORT}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def seconds_until(holds: Callable[[], bool]) -> float:
    """Return how long it took until something held; look again and again."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit("it never came to hold")
        time.sleep(0.05)
    return time.monotonic() - began


def told(what: str, found: object) -> None:
    """Print one row."""
    print(f"| {what} | {found} |", flush=True)


def jobs_left(core: Core) -> bool:
    """Return whether a notice still waits for a worker."""
    with core.sessions() as session:
        waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver' AND status <> 'succeeded'")
        return bool(session.scalar(waiting))


def calls_that_failed(lost: str) -> int:
    """Call as a balancer that tries the other host where one does not answer, while one is lost; count failures."""
    ip("link", "set", lost, "down")
    left = next(host for host in WEB if host != lost)
    failed = sum(
        not (answers(left, "/") if number % 20 else answers(lost, "/") or answers(left, "/")) for number in range(CALLS)
    )
    ip("link", "set", lost, "up")
    return failed


def main() -> None:
    """Start everything, lose one host after the other, and print what was seen."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        print("left out: network namespaces need root and the program ip")
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mawid-hosts-")))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        addresses = (postgres.url_of(role) for role in (roles.OWNER, roles.READER))
        migrate_and_grant(Servers(postgres.url_of(roles.APP), "unix:///nowhere", *addresses))
        with psycopg.connect(postgres.dsn, autocommit=True) as superuser:
            for name, limit in TIME_LIMITS.items():
                superuser.execute(f"ALTER ROLE {roles.APP} SET {name} = '{limit}'")
        stack.enter_context(network())
        database = HOSTS["mawid-db"]
        stack.enter_context(a_pgbouncer(str(postgres.folder), address=database, before=inside("mawid-db")))
        valkey = [valkey_program(), "--bind", database, "--protected-mode", "no", "--save", ""]
        stack.enter_context(running("mawid-db", valkey, folder / "v", {}))
        shared = {
            "MAWID_DATABASE_URL": f"postgresql://{roles.APP}@{database}:{POOLER_PORT}/{postgres.database}",
            "MAWID_DATABASE_POOLED": "true",
            "MAWID_REDIS_URL": f"redis://{database}:6379/0",
            "MAWID_SECRET_KEY": SECRET,
            "MAWID_EVIDENCE_DIR": str(folder / "evidence"),
        }
        settings = Settings(
            _env_file=None, secret_key=SecretStr(SECRET), state_dir=folder / "state", database_pooled=True
        )
        url = shared["MAWID_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
        core = stack.enter_context(open_core(settings, database_url=url, redis_url=shared["MAWID_REDIS_URL"]))
        load_catalogue(core, pack=core.pack)
        for host in WEB:
            command = [sys.executable, "-P", "-m", "api", "--host", HOSTS[host], "--port", str(PORT), "--workers", "1"]
            own = {"MAWID_STATE_DIR": str(folder / host), "PYTHONPATH": str(Path(__file__).parents[1])}
            stack.enter_context(running(host, command, folder / host, shared | own))
        work = {"MAWID_STATE_DIR": str(folder / "work"), "MAWID_METRICS_ADDRESS": "127.0.0.1:9464"}
        work |= {"PYTHONPATH": str(Path(__file__).parents[1])}
        for module in (["booking", "worker"], ["booking.health"]):
            stack.enter_context(
                running("mawid-work", [sys.executable, "-P", "-m", *module], folder / module[0], shared | work)
            )
        print("| Seen | |\n|---|---|")
        told("both web hosts ready after", f"{seconds_until(lambda: all(map(answers, WEB))):.1f} s")
        an_account(core, confirmed=False)
        told(
            "a notice asked for here, sent by the worker's host after",
            f"{seconds_until(lambda: not jobs_left(core)):.1f} s",
        )
        measured = subprocess.run(
            [*inside("mawid-work"), "curl", "-s", "http://127.0.0.1:9464/metrics"], check=False, capture_output=True
        ).stdout
        told("the worker's measures there name its jobs", b'mawid_worker_jobs_total{job="deliver"' in measured)
        for lost in WEB:
            told(f"{lost} unreachable: calls that failed of {CALLS}", calls_that_failed(lost))
            told(f"{lost} reachable: answers after", f"{seconds_until(partial(answers, lost)):.1f} s")
        ip("link", "set", "mawid-db", "down")
        told("the database's host unreachable: hosts that said they are ready", sum(map(answers, WEB)))
        ip("link", "set", "mawid-db", "up")
        told("reachable again: both hosts ready after", f"{seconds_until(lambda: all(map(answers, WEB))):.1f} s")
        with suppress(Exception):
            core.sessions.kw["bind"].dispose()
        an_account(core, confirmed=False)
        told("the next notice sent after", f"{seconds_until(lambda: not jobs_left(core)):.1f} s")


if __name__ == "__main__":
    main()
