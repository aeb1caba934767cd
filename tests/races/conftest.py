"""Two web processes on a port of their own, and clients that all begin at the same moment."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from threading import Barrier, Thread
from typing import IO, Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import Account, Office, Slot, SlotPool
from booking.platform.models.states import Door, Pool, Role
from booking.serving import web_command
from deploy.checks.free_ports import free_port
from tests.support.country import a_colleague, a_member, an_account, cheap_settings, eligible_number

PROCESSES = 2
PATIENCE = 60.0
MOST_TRIES = 5_000
NETWORKS = count(1)


@dataclass(frozen=True)
class Servers:
    """Where the site's database and Valkey are."""

    database_url: str
    redis_url: str


@pytest.fixture(scope="session")
def servers(new_country: Callable[[], str], _servers: tuple[EmbeddedPostgres, EmbeddedValkey]) -> Servers:
    """One country for all races of a worker, which each count only what is theirs.

    Who asks Valkey waits for longer than 50 ms: a busy machine is no outage.
    """
    return Servers(new_country(), f"{_servers[1].url}?socket_timeout={PATIENCE}&socket_connect_timeout={PATIENCE}")


@pytest.fixture(scope="session")
def core(servers: Servers) -> Iterator[Core]:
    """The core that prepares and looks; its clock is the machine's, as the web processes' is."""
    with open_core(
        cheap_settings(), database_url=servers.database_url, redis_url=servers.redis_url, pool_size=4
    ) as core:
        yield core


@pytest.fixture(scope="session")
def address(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site."""
    port, settings = free_port(), cheap_settings()
    environment = {
        **os.environ,
        "MAWID_DATABASE_URL": servers.database_url,
        "MAWID_REDIS_URL": servers.redis_url,
        "MAWID_SECRET_KEY": settings.secret_key.get_secret_value(),
        "MAWID_PASSWORD_HASH_MEMORY_KIB": str(settings.password_hash_memory_kib),
        "MAWID_PASSWORD_HASH_ROUNDS": str(settings.password_hash_rounds),
        "MAWID_WORKERS": str(PROCESSES),
        "MAWID_TRUSTED_PROXIES": "127.0.0.1",
    }
    command = web_command(settings.model_copy(update={"workers": PROCESSES}), host="127.0.0.1", port=port)
    with subprocess.Popen(
        command,
        env=environment,
        cwd=tmp_path_factory.mktemp("site"),
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as site:
        try:
            rest = _wait_for_start(site.stderr)
            yield f"http://127.0.0.1:{port}"
        finally:
            site.kill()
        rest.join(PATIENCE)
        assert not rest.is_alive(), "processes outlive the one that made them"


def when_there_is_room(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Make a call until it is not told to come back: a busy machine cannot serve everybody at once."""
    for _ in range(MOST_TRIES):
        if (answer := call()).status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        assert answer.headers["retry-after"]
    raise AssertionError(f"the site has no room, or does not do its part: {answer.text}")


def _wait_for_start(log: IO[str]) -> Thread:
    """Read the log until every process has started, and go on reading so that nobody waits for a full pipe."""
    said = []
    for line in log:
        said.append(line)
        if sum("startup complete" in each for each in said) == PROCESSES:
            assert all(map(json.loads, said)), "every process, the first one too, writes JSON lines"
            rest = Thread(target=log.read, daemon=True)
            rest.start()
            return rest
    pytest.fail("the site did not start:\n" + "".join(said))


@dataclass(frozen=True)
class Client:
    """A program with an access token and a network of its own."""

    address: str
    token: str
    account_id: UUID
    members: tuple[int, ...]
    network: str

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Post over a new connection."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or secrets.token_hex(8),
            "X-Forwarded-For": self.network,
        }
        return when_there_is_room(
            lambda: httpx.post(f"{self.address}/api/v1{path}", json=body, headers=headers, timeout=PATIENCE)
        )

    def ask(self, *, key: str | None = None) -> httpx.Response:
        """Ask for a renewal."""
        body = {
            "service": "passport-renewal",
            "people": list(self.members),
            "offices": ["damascus"],
            "bands": ["morning", "midday"],
        }
        return self.post("/requests", body, key=key)

    def change(self, reference: str, receipt: str, office: str) -> httpx.Response:
        """Change the request that was read with this receipt to another office."""
        body = {"receipt": receipt, "people": list(self.members), "offices": [office]}
        return when_there_is_room(
            lambda: httpx.put(
                f"{self.address}/api/v1/requests/{reference}/wish",
                json=body | {"bands": ["morning"], "weekdays": [0, 1]},
                headers={"Authorization": f"Bearer {self.token}", "X-Forwarded-For": self.network},
                timeout=PATIENCE,
            )
        )

    def hold(self, slot: int, *, key: str | None = None) -> httpx.Response:
        """Hold an instant place."""
        body = {"slot": slot, "service": "passport-renewal", "people": list(self.members)}
        return self.post("/holds", body, key=key)


@pytest.fixture
def a_client(core: Core, address: str) -> Callable[..., Client]:
    """Make a client with an account, a network and one person, whose national number may be given."""

    def make(number: str | None = None) -> Client:
        account_id = an_account(core)
        member = a_member(core, account_id, number=number or eligible_number(core))
        token, _ = sessions.create(core, account_id=account_id, language="ar", door=Door.HOME, roles=("citizen",))
        host, subnet = divmod(next(NETWORKS), 256)
        return Client(address, token, account_id, (member,), f"198.18.{subnet}.{host}")

    return make


@dataclass(frozen=True)
class Desk:
    """Somebody of an office's staff at a browser, in a session of their own."""

    address: str
    account_id: UUID
    cookie: str
    token: str

    def post(self, path: str, **fields: object) -> httpx.Response:
        """Send a form of the desk, over a new connection."""
        form = {name: str(value) for name, value in fields.items()} | {"csrf": self.token}
        headers = {"Cookie": self.cookie}
        return when_there_is_room(lambda: httpx.post(self.address + path, data=form, headers=headers, timeout=PATIENCE))

    def send(self, path: str, body: Any) -> httpx.Response:
        """Send what a script of our own page sends."""
        headers = {"Cookie": self.cookie, "X-Mawid-Token": self.token}
        return when_there_is_room(lambda: httpx.post(self.address + path, json=body, headers=headers, timeout=PATIENCE))


@pytest.fixture
def a_desk(core: Core, address: str) -> Callable[[], Desk]:
    """Sit one more clerk of Damascus down."""

    def make() -> Desk:
        account_id = a_colleague(core, Role.OFFICER, office="damascus")
        with core.sessions() as session:
            office_id = session.get_one(Account, account_id).office_id
        token, data = sessions.create(
            core, account_id=account_id, language="en", door=Door.HOME, roles=("officer",), office_id=office_id
        )
        return Desk(address, account_id, f"mawid={token}; mawid_language=en", data.csrf)

    return make


@pytest.fixture
def a_slot(core: Core) -> Callable[..., int]:
    """Make a slot in five days with so many places of a pool, and give its id."""

    def make(places: int, pool: Pool = Pool.INSTANT) -> int:
        starts_at = core.clock.now() + timedelta(days=5)
        with core.sessions.begin() as session:
            slot = Slot(
                office_id=session.scalars(select(Office.id).where(Office.code == "damascus")).one(),
                local_day=starts_at.date(),
                band="morning",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
                counters=8,
            )
            session.add(slot)
            session.flush()
            session.add(SlotPool(slot_id=slot.id, pool=pool, places=places, taken=0))
            return slot.id

    return make


def at_once(calls: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Run all calls, each in a thread of its own, from the same moment on."""
    barrier = Barrier(len(calls), timeout=PATIENCE)

    def run(call: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
