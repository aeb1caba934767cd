"""A program that calls the API, and people whose accounts it uses, in a whole country."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.main import create_app
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models.states import Door
from booking.scheduling.draws.draw import announce, close, open_draw, publish, run
from tests.support.country import START, a_member, an_account, cheap_settings, eligible_number, put_rules_in_force
from tests.support.roles import as_app


@pytest.fixture
def core(country: Core) -> Core:
    """The web layer's tests of this folder run on a whole country."""
    return country


@dataclass
class Program:
    """A program with an access token, or without one."""

    client: TestClient
    core: Core
    token: str | None = None
    account_id: UUID | None = None
    language: str = "en"
    members: list[int] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def delete(self, path: str) -> Response:
        return self.client.delete(f"/api/v1{path}", headers=self._headers({}))

    def put(self, path: str, body: Any) -> Response:
        return self.client.put(f"/api/v1{path}", json=body, headers=self._headers({}))

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Response:
        """Post with an idempotency key of its own, unless one is given; "" sends none."""
        key = secrets.token_hex(8) if key is None else key
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers(headers))

    def sign_in_again(self) -> None:
        """Take a new token, as time ended the one before."""
        self.token, _ = sessions.create(self.core, account_id=self.account_id, language="ar", door=Door.HOME)

    def ask(self, *, key: str | None = None, **changes: Any) -> Response:
        """Ask for a renewal in Damascus for the first person of the household, as a patient form would."""
        return self.post("/requests", self.wish(**changes), key=key)

    def wish(self, **changes: Any) -> dict[str, Any]:
        return {
            "service": "passport-renewal",
            "people": self.members[:1],
            "offices": ["damascus"],
            "bands": ["morning", "midday", "afternoon"],
        } | changes

    def hold(self, *, key: str | None = None, **changes: Any) -> Response:
        """Hold the first instant place in Damascus for the whole household."""
        body = {"slot": self.a_slot(), "service": "passport-renewal", "people": self.members}
        return self.post("/holds", body | changes, key=key)

    def a_slot(self) -> int:
        return self.get("/instant-slots?service=passport-renewal&office=damascus").json()["slots"][0]["id"]

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        known = {"Accept-Language": self.language} | more
        return known | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


@pytest.fixture(scope="module")
def site(new_country: Callable[[], str], _servers: tuple[EmbeddedPostgres, EmbeddedValkey]) -> Iterator[TestClient]:
    """A client of one country for a whole file, whose tests leave nothing behind that matters to others."""
    clock = SettableClock(START)
    with (
        open_core(cheap_settings(), database_url=as_app(new_country()), redis_url=_servers[1].url, clock=clock) as core,
        TestClient(create_app(core), base_url="http://localhost:8000") as client,
    ):
        yield client


@pytest.fixture
def reader(site: TestClient) -> Program:
    """A program that has not signed in, on the file's country."""
    return Program(site, site.app.state.core)


CHECK_EVERYONE = """
[[rule]]
name = "everyone"
when = "party_size > 0"
then = "challenge"
say.ar = "نطلب خطوة تأكيد قصيرة."
say.en = "We ask for one short check."
"""


@pytest.fixture
def suspicious(core: Core) -> None:
    """Make the gate ask everyone for a check."""
    put_rules_in_force(core, source=CHECK_EVERYONE)


@pytest.fixture
def program(core: Core, client: TestClient) -> Program:
    """A program that has not signed in."""
    return Program(client, core)


@pytest.fixture
def citizen(core: Core, client: TestClient) -> Callable[..., Program]:
    """Make a program that is signed in for a citizen with a confirmed phone and one person."""

    def make(*, confirmed: bool = True, numbers: tuple[str, ...] | None = None) -> Program:
        account_id = an_account(core, confirmed=confirmed)
        numbers = numbers if numbers is not None else (eligible_number(core),) if confirmed else ()
        members = [a_member(core, account_id, number=number) for number in numbers]
        made = Program(client, core, account_id=account_id, members=members)
        made.sign_in_again()
        return made

    return make


@pytest.fixture
def offered(citizen, core, clock):
    """A citizen to whom a draw offered a place, and its reference."""
    amal = citizen()
    request = amal.ask().json()["reference"]
    now = clock.now()
    announce(
        core,
        reference="D-1",
        opens_at=now,
        closes_at=now + timedelta(hours=1),
        horizon_first=(now + timedelta(days=3)).date(),
        horizon_last=(now + timedelta(days=4)).date(),
    )
    open_draw(core, "D-1")
    clock.advance(timedelta(hours=2))
    for step in (close, run, publish):
        step(core, "D-1")
    seen = amal.get(f"/requests/{request}").json()
    assert seen["state"] == "drawn"
    assert seen["last_draw"]["served"] is True
    return amal, seen["appointment"]["reference"]
