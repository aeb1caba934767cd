"""Anyone checks a night from its files; whatever somebody changes in them is found."""

import json
from hashlib import sha256

import pytest
from sqlalchemy import update

from booking.platform.base.exact_json import canonical
from booking.platform.models import SwapNight
from booking.platform.models.states import Pool
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.files import NIGHT, find_night_zip, night_files
from booking.scheduling.swaps.own_part import check_part
from booking.scheduling.swaps.verification import verify_files, verify_folder
from tests.booking.desk.counter.closed_days import DAY, an_appointment
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, wishes


@pytest.fixture(scope="module")
def files(module_database_url):
    """A night in which two of three move."""
    with open_world(module_database_url) as world:
        world.office("a")
        days = [world.slots("a", FIRST_DAY + step * DAY, {Pool.DRAW: [2, 2]}) for step in range(2)]
        world.published(days=2)
        first, second = (an_appointment(world, {days[step][0]: 2}, "a") for step in range(2))
        third = an_appointment(world, {days[0][1]: 2}, "a")
        an_appointment(world, {days[1][1]: 2}, "a")  # who wishes for nothing, so that there is no free place
        wishes(world, first, any_time("a", FIRST_DAY + DAY, bands=["morning"]))
        wishes(world, second, any_time("a", FIRST_DAY))
        wishes(world, third, any_time("a", FIRST_DAY + DAY, bands=["morning"]))
        a_night(world)
        files, known = night_files(world.core, "x-1"), find_night_zip(world.core, "x-1")
        again = find_night_zip(world.core, "x-1")
        assert (again.sha256, b"".join(again.pieces())) == (known.sha256, b"".join(known.pieces()))
        with world.core.sessions.begin() as session:
            session.execute(update(SwapNight).values(inputs=b"{}"))
        untouched = find_night_zip(world.core, "x-1")  # known by what the log says: nothing large is read for it
        assert untouched.sha256 == known.sha256
        assert night_files(world.core, "x-1")[NIGHT] == b"{}"
        return files


def test_a_right_night_is_found_right(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    lines = verify_folder(tmp_path)
    assert lines[1:2] == ["note: nobody outside vouches for this beacon"]
    assert lines[-2:] == [
        "3 took part; the rule gives 2 of them a place that they like better",
        "2 moved; 0 could not any more when it was decided",
    ]


@pytest.mark.parametrize("name", ["night.json", "outcome.json", "statement.json", "result.proof"])
def test_a_missing_file_is_named(files, name):
    with pytest.raises(WrongNightError, match=name):
        verify_files({other: content for other, content in files.items() if other != name})


def test_each_changed_file_is_found(files):
    for name in files:
        changed = files | {name: files[name].replace(b"1", b"2", 1)}
        assert changed[name] != files[name]
        with pytest.raises(WrongNightError):
            verify_files(changed)


def test_an_outcome_that_serves_a_friend_is_found_though_all_hashes_fit(files):
    """The office gives the place to the one behind, and states the hash of that as its result."""
    outcome = json.loads(files["outcome.json"])
    night = json.loads(files["night.json"])
    market, gets = night["markets"][0], outcome["markets"][0]["gets"]
    holds = [one["holds"] for one in market["holders"]]
    kept = next(one for one, kind in enumerate(gets) if kind == holds[one])
    lucky = next(one for one, kind in enumerate(gets) if one != kept and holds[one] == holds[kept])
    assert gets[lucky] in market["holders"][kept]["wishes"]
    gets[kept], gets[lucky] = gets[lucky], gets[kept]
    became = outcome["markets"][0]["outcomes"]
    became[kept], became[lucky] = became[lucky], became[kept]
    forged = canonical(outcome)
    result = json.loads(files["result.json"]) | {"result": sha256(forged).hexdigest()}
    with pytest.raises(WrongNightError, match="the log"):
        verify_files(files | {"outcome.json": forged, "result.json": canonical(result)})


def test_a_proof_by_another_key_is_refused(files):
    other = json.loads(files["announcement.json"])["log"].replace("+A", "+B", 1)
    with pytest.raises(WrongNightError):
        verify_files(files, key=other)


def test_a_part_of_somebody_else_or_with_another_place_is_refused(files):
    night, outcome = json.loads(files["night.json"]), json.loads(files["outcome.json"])
    market = night["markets"][0]
    holder = market["holders"][0]
    part = {"night": "x-1", "market": 0, "holder": 0, "id": holder["id"], "kinds": {}}
    with pytest.raises(ValueError, match="does not fit"):
        check_part(part, night, outcome)
    with pytest.raises(ValueError, match="is not a 2026-11-08 morning draw"):
        check_part(part | {"kinds": {"0": {"name": "a 2026-11-08 morning draw", "salt": "00"}}}, night, outcome)
    with pytest.raises(ValueError, match="somebody else"):
        check_part(part | {"id": market["holders"][1]["id"]}, night, outcome)
