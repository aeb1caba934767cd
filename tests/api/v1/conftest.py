"""A program that calls the API, and people whose accounts it uses, in a whole country."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from booking import sessions
from booking.core import Core
from booking.states import Door
from tests.country import a_member, an_account, eligible_number


@pytest.fixture
def core(country: Core) -> Core:
    """The web layer's tests of this folder run on a whole country."""
    return country


@dataclass
class Program:
    """A program with an access token, or without one."""

    client: TestClient
    token: str | None = None
    account_id: UUID | None = None
    language: str = "en"
    members: list[int] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def delete(self, path: str) -> Response:
        return self.client.delete(f"/api/v1{path}", headers=self._headers({}))

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Response:
        """Post with an idempotency key of its own, unless one is given; "" sends none."""
        key = secrets.token_hex(8) if key is None else key
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers(headers))

    def ask(self, *, key: str | None = None, **changes: Any) -> Response:
        """Ask for a renewal in Damascus for the first person of the household, as a patient form would."""
        return self.post("/requests", self.wish(**changes), key=key)

    def wish(self, **changes: Any) -> dict[str, Any]:
        return {
            "service": "passport-renewal",
            "people": self.members[:1],
            "offices": ["damascus"],
            "bands": ["morning", "midday", "afternoon"],
            "form_seconds": 90.0,
        } | changes

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        known = {"Accept-Language": self.language} | more
        return known | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


@pytest.fixture
def program(client: TestClient) -> Program:
    """A program that has not signed in."""
    return Program(client)


@pytest.fixture
def citizen(core: Core, client: TestClient) -> Callable[..., Program]:
    """Make a program that is signed in for a citizen with a confirmed phone and one person."""

    def make(*, confirmed: bool = True, numbers: tuple[str, ...] | None = None) -> Program:
        account_id = an_account(core, confirmed=confirmed)
        token, _ = sessions.create(core, account_id=account_id, language="ar", door=Door.HOME, roles=("citizen",))
        numbers = numbers if numbers is not None else (eligible_number(core),) if confirmed else ()
        members = [a_member(core, account_id, number=number) for number in numbers]
        return Program(client, token, account_id, members=members)

    return make
