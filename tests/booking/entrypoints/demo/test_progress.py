"""How long the rest of a demonstration takes, told without jumps."""

from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import select

from booking.country.core.register import Identity, read_grant
from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.brokers import CARDS_AT_HAND
from booking.entrypoints.demo.people import Applicant, Kind, Person
from booking.entrypoints.demo.progress import (
    COMPILING,
    FIRST_TIME,
    LATER,
    Estimate,
    add_proven,
    enrol,
    in_words,
    plan_for,
    prove,
)
from booking.opening import open_core
from booking.people.accounts.household import add_member
from booking.people.registers.choose import invented
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door
from tests.booking.entrypoints.demo.test_population import applicants
from tests.support.country import an_account, cheap_settings

pytestmark = pytest.mark.slow


def told_while_playing(plan: dict[str, float], pace: float) -> list[tuple[float, float]]:
    """Play a plan on a machine of some pace; return what is told and what is true, at tenths of each step."""
    estimate, told, ahead = Estimate(plan), [], sum(plan.values()) * pace
    for name, planned in plan.items():
        seconds = planned * pace
        estimate.begin(name)
        for tenth in range(10):
            share = tenth / 10
            told.append((estimate.left(seconds * share, share), ahead - seconds * share))
        estimate.end(name, seconds)
        ahead -= seconds
    return told


@pytest.mark.parametrize("pace", [0.5, 1.0, 6.0])
def test_an_estimate_only_falls_once_the_pace_is_known_and_ends_near_the_truth(pace):
    told = told_while_playing(plan_for(2000, later=True, compiled=False), pace)
    known = told[20:]  # by the first step that takes seconds

    assert all(later <= earlier * 1.2 for (earlier, _), (later, _) in pairwise(known))
    assert all(0.6 * true <= said <= 1.7 * true + 3 for said, true in known[10:])


def test_a_step_of_unknown_length_goes_by_time_and_is_never_over_by_itself():
    estimate = Estimate({"first": 10.0, "second": 10.0})
    estimate.begin("first")

    assert [round(estimate.left(seconds, None)) for seconds in (0, 5, 10)] == [20, 15, 11]
    assert estimate.left(100, None) > 50  # the machine is slower than it seemed


def test_compiling_is_expected_to_take_long_the_first_time_alone():
    first, again = (plan_for(300, later=False, compiled=compiled) for compiled in (False, True))

    assert first[COMPILING] == FIRST_TIME > 10 * again[COMPILING]
    assert not LATER.keys() & first.keys()


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "a few seconds"), (44, "40 s"), (69, "70 s"), (71, "2 min"), (200, "3 min")]
)
def test_a_time_is_told_as_roughly_as_it_is_known(seconds, words):
    assert in_words(seconds) == words


BORN = date(1980, 1, 1)


@pytest.fixture
def settings(tmp_path):
    return cheap_settings(state_dir=tmp_path)


def applicant_of(people):
    return Applicant(1, Kind.CITIZEN, "user1", "+963940000001", "ar", Door.HOME, "10.0.0.1", "phone", BORN, people, ())


def members(core):
    with core.sessions() as session:
        rows = session.scalars(select(HouseholdMember).order_by(HouseholdMember.id))
        return [(row.level, row.proved_by, read_grant(core.vault, row)) for row in rows]


def test_the_register_knows_everyone_whom_no_hoarder_made_up(clock, settings):
    everybody = applicants(people=200)
    enrol(settings, everybody)
    register = invented(settings, load_pack("syria"), clock)

    for applicant in everybody:
        for one in applicant.people:
            said = register.match(Identity(one.number, one.name, one.born)).person
            assert (said == "yes") is not one.invented


def test_hoarders_have_the_cards_of_some_real_people_and_of_nobody_invented():
    for kind, share in CARDS_AT_HAND.items():
        people = [one for each in applicants(people=3000) if each.kind is kind for one in each.people]
        real = [one for one in people if not one.invented]

        assert not any(one.card_at_hand for one in people if one.invented)
        assert sum(one.card_at_hand for one in real) / len(real) == pytest.approx(share, abs=0.15)


@pytest.fixture
def played(settings, database_url, redis_url, clock):
    with open_core(settings, database_url=database_url, redis_url=redis_url, clock=clock) as core:
        yield core


def test_cards_prove_adults_and_a_parent_proves_a_child(played):
    parent = Person("01000000001", "أمل الخيالية", BORN, "self")
    child = Person("01000000002", "كريم الخيالي", date(2018, 5, 5), "child", card_at_hand=False)
    without = Person("01000000003", "ريم المثال", BORN, "other", card_at_hand=False)
    stranger = Person("01000000004", "نادر المثال", BORN, "other", invented=True)
    people = (parent, child, without, stranger)
    account_id = an_account(played)
    enrol(played.settings, [applicant_of(people)])
    added = [
        add_member(
            played,
            account_id=account_id,
            name=one.name,
            national_number=one.number,
            birth_date=one.born,
            relation=one.relation,
        )
        for one in people
    ]

    assert prove(played, list(zip(added, people, strict=True))) == 2

    found = members(played)
    assert [kind for _, kind, _ in found] == [ProofKind.CARD, ProofKind.GUARDIAN, None, None]
    assert [level is IdentityLevel.PROVEN for level, _, _ in found] == [True, True, False, False]
    for person, (_, _, grant) in zip(people[:2], found, strict=False):
        assert played.register.facts(person.number, grant) is not None


def test_somebody_added_with_their_card_is_proven(played):
    add_proven(
        played, account_id=an_account(played), name="أمل الخيالية", number="01000000009", born=BORN, relation="self"
    )

    assert members(played)[0][:2] == (IdentityLevel.PROVEN, ProofKind.CARD)
