"""A program keeps what the holder of an appointment would rather have, by the same rules as the page."""

from datetime import timedelta

import pytest

from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.nights import announce, close
from booking.scheduling.swaps.wish import Wished


@pytest.fixture
def held(offered):
    """A citizen with a confirmed appointment, the path of its wish, and a choice that any other time of it fulfils."""
    amal, reference = offered
    amal.post(f"/appointments/{reference}/confirmation")
    day = amal.get(f"/appointments/{reference}").json()["starts_at"][:10]
    return amal, f"/appointments/{reference}/other-time", {"office": "damascus", "first": day, "last": day}


def test_a_wish_is_kept_shown_replaced_and_taken_back(held):
    amal, path, choice = held
    nothing = {"possible": True, "running": False, "choices": [], "moved_from": None, "receipt": None}
    assert amal.get(path).json() == nothing
    assert amal.get(f"{path}/receipt").status_code == 404
    morning = choice | {"bands": ["morning"]}
    first = amal.put(path, {"choices": [morning]}).json()
    assert first == nothing | {"choices": [morning], "receipt": first["receipt"]}
    answer = amal.put(path, {"choices": [choice, morning]})
    assert (answer.status_code, answer.json()["choices"]) == (200, [choice | {"bands": []}, morning])
    own = amal.get(f"{path}/receipt").json()
    assert Wished.of(own["wish"]).receipt().hex() == answer.json()["receipt"] != first["receipt"]
    for _ in range(2):
        assert amal.delete(path).status_code == 204
    assert amal.get(path).json() == nothing


def test_what_cannot_be_wished_for_is_named(held):
    amal, path, choice = held
    wrong = [choice | {"office": "nowhere"}, choice | {"last": "2020-01-01"}, choice | {"bands": ["midnight"]}]
    answer = amal.put(path, {"choices": wrong})
    assert answer.status_code == 422
    assert [(one["field"], one["reason"]) for one in answer.json()["errors"]] == [
        ("office_1", "unknown_office"),
        ("last_2", "ends_before_it_begins"),
        ("band_3", "unknown_band"),
    ]
    for body in ({"choices": []}, {"choices": [choice] * 6}, {"choices": [choice | {"person": "karim"}]}):
        assert amal.put(path, body).status_code == 422
    assert amal.get(path).json()["choices"] == []


def test_a_night_counts_on_the_wish_and_tells_where_it_was_before(held, core, clock):
    amal, path, choice = held
    amal.put(path, {"choices": [choice | {"bands": ["afternoon"]}]})
    before = amal.get(path.removesuffix("/other-time")).json()
    announce(core, reference="x-1", closes_at=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    close(core, "x-1")
    assert amal.get(path).json()["running"] is True
    assert amal.put(path, {"choices": [choice]}).json()["code"] == "night_running"
    assert amal.delete(path).json()["code"] == "night_running"
    decide(core, "x-1")
    moved = amal.get(path).json()["moved_from"]
    assert (moved["starts_at"], moved["office"]["code"], moved["night"]) == (before["starts_at"], "damascus", "x-1")


def test_the_wish_of_somebody_else_is_not_found_and_an_offer_has_none(offered, citizen):
    amal, reference = offered
    path = f"/appointments/{reference}/other-time"
    choice = {"office": "damascus", "first": "2027-01-01", "last": "2027-01-01"}
    assert amal.get(path).json()["possible"] is False
    assert amal.put(path, {"choices": [choice]}).json()["code"] == "not_exchanged"
    karim = citizen()
    for answer in (karim.get(path), karim.put(path, {"choices": [choice]}), karim.delete(path)):
        assert answer.status_code == 404
