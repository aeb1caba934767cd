"""Two PostgreSQL nodes under Patroni with synchronous replication, and a third voter, as three hosts would have them.

Patroni, its Raft and the nodes run on this machine, each at a port of its own; nodes trust whoever comes from it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.troubled.stack import Unit, kill
from booking.platform.base.database_address import for_sqlalchemy
from booking.platform.embedded import Servers, roles
from booking.platform.embedded.postgres import SUPERUSER, installed_programs
from booking.platform.embedded.process import as_someone

NAMES: Final = ("one", "two")
PATIENCE: Final = 180.0
SETTINGS: Final = {
    "loop_wait": 1,
    "retry_timeout": 3,
    "ttl": 20,
    "maximum_lag_on_failover": 1 << 20,
    "synchronous_mode": True,
    "primary_start_timeout": 0,  # a primary that died is not waited for: its standby has all that was acknowledged
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {
            "max_connections": 100,
            "shared_buffers": "64MB",
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "timezone": "UTC",
        },
    },
}
"""What docs/deploying.md recommends; Patroni takes no ``ttl`` below twenty seconds."""
_IS_WHOLE: Final = "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"


class Cluster:
    """Two nodes; ``patroni`` is the folder of Patroni's programs."""

    def __init__(self, folder: Path, patroni: Path, port: int) -> None:
        self._folder, self._patroni = folder, patroni
        self._ports = {name: port + number for number, name in enumerate(NAMES)}
        self._rest = {name: port + 10 + number for number, name in enumerate(NAMES)}
        self._raft = [f"127.0.0.1:{port + 20 + number}" for number in range(3)]
        self.units: dict[str, Unit] = {}

    def address(self, role: str) -> str:
        """Return the address with both hosts, as an administrator writes it."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports.values())
        return f"postgresql://{role}@{hosts}/mawid?target_session_attrs=read-write"

    def servers(self, redis_url: str) -> Servers:
        """Return the addresses of all roles."""
        app, owner, reader = (for_sqlalchemy(self.address(role)) for role in (roles.APP, roles.OWNER, roles.READER))
        return Servers(app, redis_url, owner, reader)

    def start(self, environment: dict[str, str]) -> None:
        """Start both nodes and the third voter; make database and roles as the runbook says."""
        for number, name in enumerate((*NAMES, "voter")):
            own = self._folder / name
            own.mkdir()
            settings = own / "patroni.json"
            settings.write_text(json.dumps(self._settings(name, number)), encoding="utf-8")
            program = "patroni" if name in NAMES else "patroni_raft_controller"
            command = [*as_someone(), str(self._patroni / program), str(settings)]
            self.units[name] = Unit(name, command, environment, own / "log")
            self.units[name].start()
        self.until_whole(database="postgres")
        with psycopg.connect(self._any("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE mawid ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0")
        with psycopg.connect(self._any("mawid"), autocommit=True) as connection:
            roles.make_roles(connection)

    def until_whole(self, database: str = "mawid") -> None:
        """Return once a primary takes changes and a standby keeps each of them before it is acknowledged."""
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            with suppress(psycopg.Error), psycopg.connect(self._any(database), connect_timeout=2) as connection:
                if connection.execute(_IS_WHOLE).fetchone() == (True,):
                    return
            time.sleep(0.2)
        raise AssertionError("the nodes did not come together: see the logs of Patroni")

    def kill_primary(self, *, with_patroni: bool) -> str:
        """Kill the primary's postmaster, with its Patroni where that is asked for; return the node's name."""
        with psycopg.connect(self._any("mawid")) as connection:
            found = connection.execute("SHOW port").fetchone()
        assert found is not None
        [name] = (name for name, port in self._ports.items() if str(port) == found[0])
        main = (self._folder / name / "data" / "postmaster.pid").read_text().split()[0]
        if with_patroni:
            self.units[name].hold()
            self.units[name].kill()
        kill(int(main))
        return name

    def stop(self) -> None:
        """Kill everything."""
        for unit in self.units.values():
            unit.stop()
        for name in NAMES:
            with suppress(OSError, IndexError):
                kill(int((self._folder / name / "data" / "postmaster.pid").read_text().split()[0]))

    def _any(self, database: str) -> str:
        return self.address(SUPERUSER).replace("/mawid?", f"/{database}?")

    def _settings(self, name: str, number: int) -> dict[str, Any]:
        raft = {
            "data_dir": str(self._folder / name / "raft"),
            "self_addr": self._raft[number],
            "partner_addrs": [one for one in self._raft if one != self._raft[number]],
        }
        if name not in NAMES:
            return {"raft": raft}
        trusted = ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
        superuser = {"username": SUPERUSER}
        return {
            "scope": "mawid",
            "name": name,
            "raft": raft,
            "restapi": {"listen": f"127.0.0.1:{self._rest[name]}", "connect_address": f"127.0.0.1:{self._rest[name]}"},
            "bootstrap": {"dcs": SETTINGS, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self._ports[name]}",
                "connect_address": f"127.0.0.1:{self._ports[name]}",
                "data_dir": str(self._folder / name / "data"),
                "bin_dir": str(installed_programs()[0]),
                "authentication": {"superuser": superuser, "replication": superuser, "rewind": superuser},
                "pg_hba": trusted,
                "parameters": {"unix_socket_directories": ""},
            },
        }


@contextmanager
def a_cluster(folder: Path, patroni: Path, port: int, environment: dict[str, str]) -> Iterator[Cluster]:
    """Run a cluster in a folder."""
    cluster = Cluster(folder, patroni, port)
    try:
        cluster.start(environment)
        yield cluster
    finally:
        cluster.stop()
