"""A system that speaks GovStack's Scheduler, for a citizen's account in a whole country."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.main import create_app
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.platform.models.states import Door
from tests.support.country import a_member, an_account, eligible_number

ASKER = {"requestor_id": "me", "request_token": "bearer"}


@pytest.fixture
def core(country: Core) -> Core:
    """A whole country whose settings switch GovStack's interfaces on."""
    return replace(country, settings=country.settings.model_copy(update={"govstack": True}))


@dataclass
class System:
    """A program of another ministry, with the token of a citizen who let it act."""

    client: TestClient
    core: Core
    account_id: UUID
    member: int
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, qry: Any = None, **more: str) -> Response:
        query = ASKER | more | ({} if qry is None else {"qry": qry if isinstance(qry, str) else json.dumps(qry)})
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"} | self.headers
        return self.client.request(
            method, f"/api/govstack/scheduler/{path}", params={k: v for k, v in query.items() if v}, headers=headers
        )

    def details(self, *events: str, **changes: Any) -> dict[str, Any]:
        """Say who is booked for what."""
        named = {"event_ids": list(events), "participant_type": "subscriber", "participant_id": str(self.member)}
        return {"appointment_details": named | changes}

    def book(self, *events: str, **changes: Any) -> Response:
        return self.call("POST", "appointment/new", self.details(*events, **changes))

    def events(self, **changes: Any) -> list[str]:
        """List the ids of what can be booked for a renewal in Damascus."""
        wanted = {"category": "passport-renewal", "host_entity_id": "damascus"} | changes
        found = self.call("GET", "event/list_details", {"event_filter": wanted}).json()
        return [event["event_id"] for event in found]

    def statuses(self) -> dict[str, str]:
        found = self.call("GET", "appointment/list_details", {}).json()
        return {one["appointment_id"]: one["details"]["status"] for one in found}


def id_of(answer: Response) -> str:
    """Read the appointment's id out of what a booking answers."""
    assert answer.status_code == 200, answer.text
    return answer.json().partition("appointment_id:")[2].partition(",")[0]


@pytest.fixture
def client(core: Core) -> Iterator[TestClient]:
    with TestClient(create_app(core), base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
def system(core: Core, client: TestClient) -> Callable[[], System]:
    """Make a system with the account of a citizen with one person, as often as it is called."""

    def make() -> System:
        account_id = an_account(core)
        member = a_member(core, account_id, number=eligible_number(core))
        token, _ = sessions.create(core, account_id=account_id, language="ar", door=Door.HOME)
        return System(client, core, account_id, member, token)

    return make
