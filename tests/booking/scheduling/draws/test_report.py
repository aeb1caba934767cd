"""What a draw's report says, and that anybody can compute it again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from booking.country.catalogue.views import find_draw
from booking.platform.models.states import Pool
from booking.scheduling.draws import formats
from booking.scheduling.draws.announce import found, stored_files
from booking.scheduling.draws.figures import figures
from booking.scheduling.draws.files import CERTIFICATE, REPORT
from booking.scheduling.draws.frozen import frozen_of
from booking.scheduling.draws.results import read_plan
from booking.scheduling.draws.verification import verify_files
from tests.standalone.drawn import invented


@pytest.fixture(scope="module")
def published(shared_world):
    """Two offices at home, a consulate; people, families, priorities, needs and a deadline."""
    world = shared_world
    for code in ("a", "b", "abroad"):
        world.office(code, abroad=code == "abroad", accessible=code == "b")
    world.slots("a", world.first_day, {Pool.DRAW: [1, 1]})
    world.slots("b", world.first_day + timedelta(days=2), {Pool.DRAW: [1, 1], Pool.ACCESSIBLE: [1]})
    world.slots("abroad", world.first_day + timedelta(days=4), {Pool.DRAW: [2, 1]})
    world.ask("a", lost=10)  # alone in the highest tier: in the first choice
    world.ask("a", lost=3, units=2, needed_by=world.first_day)
    world.ask("b", lost=2, accessible=True)
    world.ask("abroad", party=2, lost=1, abroad=True)
    world.ask("abroad", party=3, abroad=True)
    world.ask("abroad", abroad=True, needed_by=world.first_day + timedelta(days=6))
    return world.published()


@pytest.fixture
def report(shared_world, published):
    """The whole report: what is published of so few people says less."""
    with shared_world.session() as session:
        draw = found(session, "d1")
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
    frozen, totals = frozen_of(draw, contents), json.loads(published[CERTIFICATE])["plan"]
    bins = read_plan(contents, salted=True).bin
    return figures(replace(frozen, facts={**frozen.facts, "format": "mawid-draw-1"}), bins, totals)


def counts(asked, asked_people, served, served_people):
    share = round(served / asked, 4)
    return {
        "asked": asked,
        "asked_people": asked_people,
        "served": served,
        "served_people": served_people,
        "share": share,
    }


def test_every_group_of_a_hand_worked_draw_has_its_chance(report):
    assert report["groups"] == {
        "service": {"service-1": counts(5, 8, 4, 5), "service-2": counts(1, 1, 0, 0)},
        "party": {"1": counts(4, 4, 3, 3), "2": counts(1, 2, 1, 2), "3": counts(1, 3, 0, 0)},
        "door": {"home": counts(3, 3, 2, 2), "abroad": counts(3, 6, 2, 3)},
        "priority": {
            "0": counts(2, 4, 1, 1),
            "1": counts(1, 2, 1, 2),
            "2": counts(1, 1, 1, 1),
            "3": counts(1, 1, 0, 0),
            "10": counts(1, 1, 1, 1),
        },
        "accessible": {"yes": counts(1, 1, 1, 1), "no": counts(5, 8, 3, 4)},
    }


def test_the_whole_draw_is_summed_up(report, published):
    assert {name: value for name, value in report.items() if name not in {"groups", "objective", "bound", "gap"}} == {
        "format": "mawid-report-1",
        "reference": "d1",
        "mechanism": "exchange",
        "status": json.loads(published[CERTIFICATE])["plan"]["status"],
        "gap_people": 0,
        "asked_requests": 6,
        "asked_people": 9,
        "served_requests": 4,
        "served_people": 5,
        "first_choice": 4,
        "first_choice_share": 1.0,
        "places": 8,
        "used": 5,
        "half_served_by": "2026-11-10",
        "deadlines": counts(2, 2, 1, 1),
    }
    assert report["gap"] == 0


def test_the_draws_page_has_the_same_figures_and_the_time_it_took(shared_world, published):
    shown = find_draw(shared_world.core, "d1").figures

    assert shown.pop("seconds") >= 0
    assert shown == json.loads(published[REPORT])


def test_groups_without_people_cause_no_division_by_zero(world):
    report = json.loads(world.published()[REPORT])

    assert (report["first_choice_share"], report["half_served_by"], report["gap"]) == (None, None, 0.0)
    assert report["deadlines"]["share"] is None
    assert set(map(len, report["groups"].values())) == {0}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("served_people",), 99),
        (("gap",), 0.5),
        (("first_choice_share",), 1),
        (("half_served_by",), "2026-11-30"),
        (("groups", "party", "2", "share"), 0.123),
        (("groups", "door"), {}),
        (("more",), 1),
        (("places",), None),
    ],
)
def test_verification_finds_a_forged_report_though_every_hash_fits(path, value):
    published = invented(12, seed=5, largest=2, days=2)
    inside = report = json.loads(published[REPORT])
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    if value is None:
        del inside[path[-1]]
    forged = published | {REPORT: formats.write_json(report)}
    certificate = json.loads(forged[CERTIFICATE])
    del certificate["sha256"]
    certificate["files"][REPORT] = formats.digest(forged[REPORT])
    certificate |= {"sha256": formats.digest(formats.write_json(certificate))}

    checked = verify_files(forged | {CERTIFICATE: formats.write_json(certificate)})

    unreadable = {"more": "the object has the unknown key 'more'", "places": "the object is without places"}
    assert [words for right, words in checked.checks if not right] == [
        f"{REPORT}: {unreadable.get(path[0], f'{path[0]} is not what the other files give')}"
    ]
