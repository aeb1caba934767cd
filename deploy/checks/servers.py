"""The servers of ``deploy/compose`` as processes of this machine, with Compose's own scripts, settings and secrets."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from free_ports import free_port
from serving import running, say, told, until

from booking.platform.embedded.postgres import installed_programs
from booking.platform.embedded.valkey import valkey_program

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy/compose"
NOBODY = 65534


@dataclass(frozen=True)
class Servers:
    """Where the servers are.

    Attributes
    ----------
    web, worker, migrate
        The secrets that Compose mounts for each, as folders.
    """

    web: Path
    worker: Path
    migrate: Path


@contextmanager
def started(folder: Path) -> Iterator[Servers]:
    """Start PostgreSQL, PgBouncer and Valkey as Compose would; they end with the context.

    Raises
    ------
    serving.NotWellError
        One of them does not start, or does not end well.
    """
    folder.chmod(0o755)
    secrets = folder / "secrets"
    told(["sh", str(COMPOSE / "make-secrets"), str(secrets)], environment=os.environ, folder=folder)
    ports = {name: free_port() for name in ("postgres", "pgbouncer", "valkey")}
    usual = {"postgres": 5432, "pgbouncer": 6432, "valkey": 6379}
    for file in secrets.iterdir():
        text = file.read_text()
        for name, port in ports.items():
            text = text.replace(f"@{name}:{usual[name]}", f"@127.0.0.1:{port}")
        file.write_text(text)
    (secrets / "mawid_register_token").write_text("t" * 32)
    secrets.chmod(0o755)  # one of the servers here is nobody
    with ExitStack() as stack:
        stack.enter_context(_postgresql(folder, secrets, ports["postgres"]))
        stack.enter_context(_pgbouncer(folder, secrets, ports))
        stack.enter_context(_valkey(folder, secrets, ports["valkey"]))
        yield Servers(
            web=_mounted(folder / "of-web", secrets, "mawid_database_url", "mawid_metrics_token"),
            worker=_mounted(folder / "of-worker", secrets, "database_url_direct"),
            migrate=_mounted(
                folder / "of-migrate",
                secrets,
                "database_url_direct",
                "mawid_database_owner_url",
                "mawid_database_reader_url",
            ),
        )


def _mounted(folder: Path, secrets: Path, *names: str) -> Path:
    folder.mkdir()
    for name in (*names, "mawid_redis_url", "mawid_secret_key", "mawid_register_token", "mawid_gateway_sms"):
        target = "mawid_database_url" if name == "database_url_direct" else name
        shutil.copy(secrets / name, folder / target)
    return folder


@contextmanager
def _postgresql(folder: Path, secrets: Path, port: int) -> Iterator[None]:
    programs, data = installed_programs()[0], folder / "postgresql"
    data.mkdir(mode=0o700)
    shutil.chown(data, NOBODY, NOBODY)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    words = [
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--auth-host=scram-sha-256",
        "--auth-local=trust",
        "--data-checksums",
    ]
    told([*_nobody(), "initdb", "-D", str(data), "-U", "postgres", *words], environment=environment, folder=Path("/"))
    command = ["postgres", "-D", str(data), "-k", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    log = folder / "postgresql.log"
    with running([*_nobody(), *command], environment=environment, folder=Path("/"), log=log) as process:
        asked = [str(programs / "pg_isready"), "-q", "-h", str(data), "-p", str(port), "-U", "postgres"]
        until(lambda: subprocess.run(asked, check=False).returncode == 0, process, log, what="PostgreSQL")
        near = environment | {"PGHOST": str(data), "PGPORT": str(port), "SECRETS": str(secrets)}
        told(["sh", str(COMPOSE / "postgres/roles.sh")], environment=near, folder=folder)
        say("PostgreSQL has the roles of deploy/compose/postgres/roles.sh")
        yield


@contextmanager
def _pgbouncer(folder: Path, secrets: Path, ports: dict[str, int]) -> Iterator[None]:
    text = (ROOT / "deploy/pgbouncer/pgbouncer.ini").read_text(encoding="utf-8")
    for ours, here in (
        ("host=postgres port=5432", f"host=127.0.0.1 port={ports['postgres']}"),
        ("listen_addr = 0.0.0.0", "listen_addr = 127.0.0.1"),
        ("listen_port = 6432", f"listen_port = {ports['pgbouncer']}"),
        ("/run/secrets/", f"{secrets}/"),
    ):
        text = text.replace(ours, here)
    settings, log = folder / "pgbouncer.ini", folder / "pgbouncer.log"
    settings.write_text(text)
    command = [*_nobody(), shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") or "pgbouncer", str(settings)]
    with running(command, environment=os.environ, folder=Path("/"), log=log) as process:
        until(lambda: "process up" in log.read_text(), process, log, what="PgBouncer")
        yield


@contextmanager
def _valkey(folder: Path, secrets: Path, port: int) -> Iterator[None]:
    text = (COMPOSE / "valkey/valkey.conf").read_text(encoding="utf-8")
    data = folder / "valkey"
    data.mkdir()
    text = text.replace("bind 0.0.0.0 -::*", "bind 127.0.0.1").replace("port 6379", f"port {port}")
    settings, log = folder / "valkey.conf", folder / "valkey.log"
    settings.write_text(text.replace("dir /data", f"dir {data}"))
    command = [valkey_program(), str(settings), "--aclfile", str(secrets / "valkey_users")]
    with running(command, environment=os.environ, folder=folder, log=log) as process:
        until(lambda: "Ready to accept connections" in log.read_text(), process, log, what="Valkey")
        yield


def _nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
