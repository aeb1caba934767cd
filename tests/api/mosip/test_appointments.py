from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.mosip import appointments
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.places import views
from booking.platform.models.states import Door
from booking.scheduling.requests.views import list_requests
from tests.api.v1.conftest import CHECK_EVERYONE
from tests.support.country import a_member, an_account, eligible_number, put_rules_in_force

AT = "/api/mosip/preregistration/v1/applications/appointment"


@pytest.fixture
def core(country: Core) -> Core:
    """A whole country in which MOSIP's clients book passport renewals."""
    return replace(country, settings=country.settings.model_copy(update={"mosip_service": "passport-renewal"}))


@pytest.fixture
def client(core: Core) -> Iterator[TestClient]:
    with TestClient(create_app(core), base_url="http://localhost:8000") as client:
        yield client


@dataclass
class Resident:
    """MOSIP's user interface, signed in for somebody with one or more people."""

    client: TestClient
    core: Core
    account_id: UUID
    people: list[int]
    token: str

    def call(self, method: str, rest: str = "", body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        answer = self.client.request(method, f"{AT}{rest}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        envelope = answer.json()
        assert envelope.keys() == {"id", "version", "responsetime", "response", "errors"}
        assert (envelope["response"] is None) != (envelope["errors"] is None)
        return envelope

    def times(self, centre: str = "damascus") -> list[dict[str, Any]]:
        """List the free times of a centre as a client would book them."""
        days = self.call("GET", f"/slots/availability/{centre}")["response"]["centerDetails"]
        return [
            {
                "registration_center_id": centre,
                "appointment_date": day["date"],
                "time_slot_from": slot["fromTime"],
                "time_slot_to": slot["toTime"],
            }
            for day in days
            for slot in day["timeSlots"]
        ]

    def book(self, time: dict[str, Any], person: int | None = None, **envelope: str) -> Any:
        return self.call("POST", f"/{person or self.people[0]}", a_request(time, **envelope))

    def code(self, envelope: Any) -> str:
        return envelope["errors"][0]["errorCode"]


def a_request(request: Any, **changes: str) -> dict[str, Any]:
    said = {"id": "mosip.pre-registration.booking.book", "version": "1.0", "requesttime": "2026-11-01T06:00:00.000Z"}
    return said | changes | {"request": request}


@pytest.fixture
def resident(core: Core, client: TestClient) -> Callable[..., Resident]:
    def make(people: int = 1) -> Resident:
        account_id = an_account(core)
        members = [a_member(core, account_id, number=eligible_number(core)) for _ in range(people)]
        token, _ = sessions.create(core, account_id=account_id, language="ar", door=Door.HOME)
        return Resident(client, core, account_id, members, token)

    return make


def test_a_time_is_booked_shown_and_given_up(resident):
    amal = resident()
    time = amal.times()[0]
    assert amal.book(time)["response"] == {"bookingMessage": "Appointment booked successfully"}
    shown = amal.call("GET", f"/{amal.people[0]}")
    assert shown["id"] == "mosip.pre-registration.appointment.fetch"
    assert shown["response"] == time | {name: time[name][:5] for name in ("time_slot_from", "time_slot_to")}
    assert amal.call("PUT", f"/{amal.people[0]}")["response"]["message"].endswith("successfully cancelled")
    assert amal.code(amal.call("GET", f"/{amal.people[0]}")) == "PRG_BOOK_RCI_013"
    assert amal.code(amal.call("PUT", f"/{amal.people[0]}")) == "PRG_BOOK_RCI_013"


def test_booking_again_changes_the_time_in_one_step(resident):
    amal = resident()
    *_, first, second = amal.times()
    amal.book(first)
    assert amal.book(second)["response"] == {"bookingMessage": "Appointment booked successfully"}
    assert amal.call("GET", f"/{amal.people[0]}")["response"]["time_slot_from"] == second["time_slot_from"][:5]
    states = {line.appointment_state for line in list_requests(amal.core, amal.account_id)}
    assert states == {"confirmed", "cancelled"}


def test_a_time_that_cannot_be_had_instead_leaves_the_first_one(resident):
    amal = resident()
    soon, *_, later = amal.times()
    amal.book(later)
    shown = amal.call("GET", f"/{amal.people[0]}")["response"]
    assert amal.code(amal.book(later)) == "PRG_BOOK_RCI_026"
    assert amal.code(amal.book(later | {"time_slot_from": "03:00:00"})) == "PRG_BOOK_RCI_002"
    assert amal.call("GET", f"/{amal.people[0]}")["response"] == shown
    amal.call("PUT", f"/{amal.people[0]}")
    amal.book(soon)
    assert amal.code(amal.book(later)) == "PRG_BOOK_RCI_026"  # less than a day before
    assert amal.call("GET", f"/{amal.people[0]}")["response"]["time_slot_from"] == soon["time_slot_from"][:5]


def test_a_family_changes_together_and_nobody_leaves_it_by_a_booking(resident):
    amal = resident(people=2)
    *_, first, second = amal.times()
    both = [{"preRegistrationId": str(person)} for person in amal.people]
    amal.call("POST", "", a_request({"bookingRequest": [one | first for one in both]}))
    assert amal.code(amal.book(second)) == "PRG_BOOK_RCI_026"
    assert amal.call("POST", "", a_request({"bookingRequest": [one | second for one in both]}))["errors"] is None
    for person in amal.people:
        assert amal.call("GET", f"/{person}")["response"]["time_slot_from"] == second["time_slot_from"][:5]


def test_a_check_of_the_gate_leaves_the_first_time(resident, core):
    amal = resident()
    *_, first, second = amal.times()
    amal.book(first)
    put_rules_in_force(core, source=CHECK_EVERYONE)
    assert amal.code(amal.book(second)) == "MAWID_CHECK_FIRST"
    assert amal.call("GET", f"/{amal.people[0]}")["response"]["time_slot_from"] == first["time_slot_from"][:5]


def test_a_family_is_booked_together_or_not_at_all(resident):
    amal = resident(people=2)
    first, second = amal.times()[:2]
    named = [{"preRegistrationId": str(person)} | first for person in amal.people]
    apart = [named[0], {"preRegistrationId": str(amal.people[1])} | second]
    assert amal.code(amal.call("POST", "", a_request({"bookingRequest": apart}))) == "MAWID_ONE_BY_ONE"
    booked = amal.call("POST", "", a_request({"bookingRequest": named}))["response"]
    assert len(booked["bookingStatusResponse"]) == 2
    assert len(list_requests(amal.core, amal.account_id)) == 1


def test_days_are_listed_whole_and_a_later_time_can_be_booked_all_the_same(resident, monkeypatch):
    amal = resident()
    every = amal.times()
    for module in (views, appointments):
        monkeypatch.setattr(module, "MOST_SLOTS", 25)
    few = amal.times()
    days = {time["appointment_date"] for time in few}
    assert 0 < len(few) < 25
    assert few == [time for time in every if time["appointment_date"] in days]
    assert every[-1]["appointment_date"] not in days
    assert amal.book(every[-1])["errors"] is None


def test_a_check_of_the_gate_is_not_skipped(resident, core):
    put_rules_in_force(core, source=CHECK_EVERYONE)
    amal = resident()
    refused = amal.book(amal.times()[0])
    [line] = list_requests(core, amal.account_id)
    assert amal.code(refused) == "MAWID_CHECK_NEEDED"
    assert line.reference in refused["errors"][0]["message"]
    assert (line.state, line.appointment_state) == ("challenged", "offered")


def test_nobody_books_shows_or_cancels_for_somebody_elses_people(resident):
    amal, omar = resident(), resident()
    amal.book(amal.times()[0])
    assert omar.call("GET", f"/{amal.people[0]}")["response"] is None
    assert omar.call("PUT", f"/{amal.people[0]}")["response"] is None
    assert omar.book(omar.times()[0], amal.people[0])["response"] is None
    assert amal.call("GET", f"/{amal.people[0]}")["response"]


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "envelope", "code"),
    [
        ({"time_slot_from": "03:00:00"}, {}, "PRG_BOOK_RCI_002"),
        ({"appointment_date": "2026-11-06"}, {}, "PRG_BOOK_RCI_002"),
        ({"registration_center_id": "atlantis"}, {}, "PRG_PAM_APP_005"),
        ({"appointment_date": "6/11/2026"}, {}, "PRG_PAM_CORE_004"),
        ({"time_slot_to": None}, {}, "PRG_PAM_CORE_004"),
        ({"remark": "a window seat"}, {}, "PRG_PAM_CORE_004"),
        ({}, {"id": "mosip.pre-registration.booking.cancel"}, "PRG_PAM_CORE_001"),
        ({}, {"version": "9.9"}, "PRG_PAM_CORE_002"),
    ],
)
def test_what_cannot_be_booked_is_refused_with_mosips_codes(resident, changes, envelope, code):
    amal = resident()
    refused = amal.book(amal.times()[0] | changes, **envelope)
    assert amal.code(refused) == code
    if "remark" in changes:
        assert "remark" in refused["errors"][0]["message"]
    assert list_requests(amal.core, amal.account_id) == []


def test_strangers_are_refused_and_off_there_is_no_such_address(resident, client):
    amal = resident()
    assert client.get(f"{AT}/slots/availability/damascus").status_code == 401
    off = replace(amal.core, settings=amal.core.settings.model_copy(update={"mosip_service": None}))
    with TestClient(create_app(off), base_url="http://localhost:8000") as elsewhere:
        answer = elsewhere.get(f"{AT}/1", headers={"Authorization": f"Bearer {amal.token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
