"""The site as its attackers find it: a whole country, an account in it, and calls from whatever network they like."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.main import create_app
from booking.country.core import visitors
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.people.accounts import known_devices
from booking.people.accounts.opening import confirm_phone, register
from booking.people.accounts.sign_in import sign_in
from booking.platform.models.states import Door
from tests.api.one_call import scope_of
from tests.support.country import PASSWORD, last_secret
from tests.support.waiting import PATIENCE

FORM = "application/x-www-form-urlencoded"
NETWORKS = count(1)
HOST = {"host": "localhost:8000"}


@pytest.fixture
def core(country: Core) -> Core:
    """A whole country."""
    return country


@pytest.fixture
def app(core: Core) -> FastAPI:
    """The application on it."""
    return create_app(core)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """An event loop in which the application answers."""
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Attacker:
    """Whoever calls the application, from an address of their choice."""

    app: FastAPI
    core: Core
    address: str = "203.0.113.7"

    def elsewhere(self, address: str) -> "Attacker":
        """Call from another address."""
        return Attacker(self.app, self.core, address)

    async def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Make one call."""
        answer, unread = Answer(), [body]

        async def receive():
            if not unread:
                return await asyncio.Event().wait()
            return {"type": "http.request", "body": unread.pop(), "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers.update((name.decode(), value.decode()) for name, value in message["headers"])
            answer.body += message.get("body", b"")

        length = {"content-length": str(len(body))} if body else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        scope = scope_of(method, path, HOST | length | named)
        await self.app(scope | {"client": (self.address, 50_000)}, receive, send)
        return answer

    async def post(self, path: str, kept: Mapping[str, object] | None = None, /, **fields: str) -> Answer:
        """Send a form from a page of our own, in a visitor's session that keeps what pages before asked."""
        token, session = visitors.begin(self.core, language="en", form=dict(kept or {}))
        body = urlencode({"csrf": session.csrf, **fields}).encode()
        return await self.call("POST", path, body, content_type=FORM, cookie=f"mawid={token}; mawid_language=en")


@pytest.fixture
def attacker(client: TestClient, core: Core) -> Attacker:
    """One attacker; their coroutines run in the event loop of ``client``."""
    return Attacker(client.app, core)


@pytest.fixture
def run(client: TestClient) -> Callable[..., object]:
    """Run a coroutine function in the event loop of the application; it fails where that never ends."""

    async def bounded(act: Callable[[], Awaitable[object]]) -> object:
        async with asyncio.timeout(PATIENCE):
            return await act()

    return partial(client.portal.call, bounded)


@pytest.fixture
def amal(core: Core) -> Origin:
    """Where Amal is: a browser in which she has signed in once."""
    here = Origin("203.0.113.7", "amals-phone", 30.0)
    account_id = register(
        core, username="amal", password=PASSWORD, phone="0933112233", language="ar", door=Door.HOME, origin=here
    )
    confirm_phone(core, account_id=account_id, code=last_secret(core, account_id, "confirm_phone"))
    login = sign_in(core, username="amal", password=PASSWORD, origin=here)
    token = known_devices.remember(core, account_id=login.account_id, token="", words="Firefox, Android")
    return Origin(here.network, here.device, here.seconds, known=token)


@pytest.fixture
def strangers() -> Iterator[Origin]:
    """Browsers of people who never signed in: ever another network and device."""
    return (Origin(f"198.51.{n % 200}.{n % 250}", f"stranger {n}", 5.0) for n in NETWORKS)


async def until(condition: Callable[[], object]) -> None:
    """Let the application work until a condition holds."""
    async with asyncio.timeout(300):
        while not condition():  # noqa: ASYNC110 - nothing tells what is waited for
            await asyncio.sleep(0.002)
