"""How draws give places is chosen by policy, checked when it is published, and frozen when a draw closes."""

import json

import pytest
from sqlalchemy import func, select

from booking.antifraud.gate.versions import publish_limits
from booking.country.catalogue.views import draw_mechanism, find_draw
from booking.country.policy.limits import DrawLimits, LimitsError, pick
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import AuditEntry, QuotaPolicy
from booking.platform.models.states import RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws import formats
from booking.scheduling.draws.announce import found, stored_files
from booking.scheduling.draws.decision import problem_of
from booking.scheduling.draws.files import CERTIFICATE, DRAW, read_frozen
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.frozen import frozen_of
from booking.scheduling.draws.verification import verify_files
from tests.standalone.drawn import invented

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"draw_mechanism": "first-come"}, "draw_mechanism: Input should be 'exchange' or 'in-line-order'"),
        ({"draw_mechanism": 1}, "draw_mechanism"),
        ({"draw_every_hours": 0}, "draw_every_hours"),
        ({"draw_every_hours": 5}, "divisor"),
        ({"draw_every_hours": 36}, "divisor"),
        ({"draw_hour": 24}, "draw_hour"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"party_compensation": {"4": 999}}, "party_compensation: 4"),
        ({"party_compensation": {"4": 10_001}}, "party_compensation: 4"),
        ({"party_compensation": {"04": 1100}}, "party_compensation: 04"),
        ({"party_compensation": {"4": 1100.5}}, "party_compensation: 4"),
        ({"party_compensation": 1100}, "party_compensation"),
        ({"party": None}, "party: Field required"),
        ({"draw_mechanisn": "exchange"}, "draw_mechanisn: Extra inputs are not permitted"),
        ({"challenge_from": 0.95}, "challenge_from is above review_from"),
    ],
)
def test_impossible_limits_are_refused_and_nothing_changes(world, policy, changes, words):
    policy()

    with pytest.raises(LimitsError, match=words):
        publish_limits(world.core, changes=changes)

    with world.session() as session:
        assert session.scalars(select(QuotaPolicy.version)).all() == [1]
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_changing_limits_makes_a_new_version_and_is_logged(world, policy):
    policy(draw_hour=4)
    changes = {"draw_mechanism": "in-line-order", "party_compensation": {"4": 1300}, "draw_hour": None}

    assert publish_limits(world.core, changes=changes, actor="amal") == 2
    assert publish_limits(world.core, changes=changes) == 2

    with world.session() as session:
        active = session.scalars(select(QuotaPolicy).where(QuotaPolicy.active)).one()
        (entry,) = session.scalars(select(AuditEntry))
    limits = pick(DrawLimits, active.limits)
    assert (limits.draw_mechanism, limits.party_compensation, limits.draw_hour) == ("in-line-order", {"4": 1300}, 20)
    assert active.limits["ranked_offices"] == 3
    assert (entry.actor, entry.action, entry.subject) == ("amal", "limits.activated", "2")


def test_limits_cannot_change_without_a_policy(world):
    with pytest.raises(PolicyMissingError):
        publish_limits(world.core, changes={"draw_hour": 4})


def ask_for_a_pair_of_bins(world):
    """The first in line accepts a and b and likes a better; the second accepts a alone."""
    flexible = world.ask("a", "b", lost=1)
    return [flexible, world.ask("a")]


def test_the_exchange_mechanism_moves_the_first_to_serve_one_more(world, office, policy):
    policy()
    office(1)
    office(1, code="b")
    asked = ask_for_a_pair_of_bins(world)

    published = world.published()

    assert world.states(asked) == [RequestState.DRAWN, RequestState.DRAWN]
    assert json.loads(published[STATEMENT])["mechanism"] == "exchange"


def test_in_line_order_gives_each_in_turn_the_best_that_is_left(world, office, policy):
    policy(draw_mechanism="in-line-order")
    office(1)
    office(1, code="b")
    asked = ask_for_a_pair_of_bins(world)

    published = world.published()

    report = verify_files(published)
    figures = find_draw(world.core, "d1").figures
    assert report.ok, report.words()
    assert "each in turn got the best that was left" in report.words()
    assert world.states(asked) == [RequestState.DRAWN, RequestState.CARRIED_OVER]
    assert (figures["first_choice"], figures["gap"], figures["gap_people"]) == (None, None, None)


def test_the_mechanism_is_frozen_when_a_draw_closes(world, office, policy):
    policy()
    office(1)
    world.ask("a")
    world.draw("d1")
    publish_limits(world.core, changes={"draw_mechanism": "in-line-order"})
    while_open = draw_mechanism(world.core, find_draw(world.core, "d1"))
    draws.close(world.core, "d1")
    publish_limits(world.core, changes={"draw_mechanism": "exchange"})

    draws.run(world.core, "d1")
    draws.publish(world.core, "d1")

    found = find_draw(world.core, "d1")
    assert while_open == draw_mechanism(world.core, found) == found.figures["mechanism"] == "in-line-order"
    assert json.loads(world.files()[STATEMENT])["quota"]["version"] == 2


def test_a_draw_without_a_named_mechanism_uses_exchange(an_empty_draw):
    assert not {"mechanism", "compensation", "compensation_rule"} & json.loads(an_empty_draw[DRAW]).keys()

    frozen = read_frozen(an_empty_draw)

    assert (frozen.mechanism, frozen.compensation) == ("exchange", {})


def test_verification_finds_compensation_that_its_rule_does_not_give():
    published = invented(8, seed=9, largest=2, compensation={"2": 1700}, compensation_rule="even")

    report = verify_files(published)

    assert "rehearsing the draw gives another compensation" in report.words()


def test_compensation_makes_up_for_being_harder_to_place(world, office, policy):
    policy(party_compensation={"2": 2000})
    office(2)
    pair = world.ask("a", party=2)
    for _ in range(2):
        world.ask("a")

    published = world.published()

    report = verify_files(published)
    with world.session() as session:
        draw = found(session, "d1")
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
    problem = problem_of(frozen_of(draw, contents), draw.seed)
    assert report.ok, report.words()
    assert sorted(zip(problem.units.tolist(), problem.compensation.tolist(), strict=True)) == [
        (1, 1000),
        (1, 1000),
        (2, 2000),
    ]
    assert world.request(pair).state is RequestState.DRAWN


def test_verification_finds_a_mechanism_changed_afterwards():
    published = invented(8, seed=9)
    certificate = json.loads(published[CERTIFICATE])
    del certificate["sha256"]
    certificate["plan"]["mechanism"] = "first-come"
    certificate |= {"sha256": formats.digest(formats.write_json(certificate))}

    words = verify_files(published | {CERTIFICATE: formats.write_json(certificate)}).words()

    assert "FAILED: the mechanism exchange was fixed at closing, certificate.json is about first-come" in words


@pytest.fixture(scope="module")
def an_empty_draw():
    return invented(0, seed=5)


@pytest.mark.parametrize(
    "changed",
    [
        {"mechanism": "first-come"},
        {"mechanism": "other"},
        {"mechanism": None},
        {"compensation": []},
        {"compensation": {"0": 1100}},
        {"compensation": {"32768": 1100}},
        {"compensation": {"٤": 1100}},
        {"compensation": {"4": 999}},
        {"compensation": {"4": 32768}},
        {"compensation": {"4": True}},
        {"horizon_last": "soon"},
    ],
)
def test_malformed_facts_about_the_mechanism_are_refused(an_empty_draw, changed):
    facts = json.loads(an_empty_draw[DRAW]) | changed

    with pytest.raises(DamagedFileError, match=rf"^{DRAW}: "):
        read_frozen(an_empty_draw | {DRAW: formats.write_json(facts)})
