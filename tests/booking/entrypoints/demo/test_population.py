"""The synthetic people and hoarders, and the country made for them."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.brokers import SHARE, hoarders
from booking.entrypoints.demo.country import DEMAND_FOR_A_PLACE, demand, scarce, sized, working_days
from booking.entrypoints.demo.crew import shard_of
from booking.entrypoints.demo.people import Applicant, Population
from booking.entrypoints.demo.timetable import Timetable
from booking.platform.models.states import Pool

pytestmark = pytest.mark.slow

ENDS = datetime(2026, 11, 24, 18, tzinfo=UTC)
PACK = load_pack("syria")


def a_timetable(people: int) -> Timetable:
    return Timetable.until(ENDS, pack=PACK, days=working_days(people))


def applicants(people: int = 600, seed: int = 1) -> list[Applicant]:
    timetable = a_timetable(people)
    population = Population(sized(PACK, timetable, people).stage, timetable, seed=seed)
    honest = population.honest(people)
    return honest + hoarders(population, honest)


def test_a_seed_makes_the_same_people_and_another_makes_others():
    assert applicants(seed=4) == applicants(seed=4)
    assert applicants(seed=4) != applicants(seed=5)


def test_there_are_exactly_as_many_honest_people_as_asked_for():
    honest = [applicant for applicant in applicants(people=421) if not applicant.kind.hoards]

    assert sum(len(applicant.people) for applicant in honest) == 421


def test_nobody_shares_a_national_number_or_a_user_name():
    everybody = applicants()
    numbers = [person.number for applicant in everybody for person in applicant.people]

    assert len(set(numbers)) == len(numbers)
    assert len({applicant.username for applicant in everybody}) == len(everybody)


def test_everybody_registers_before_they_ask_and_asks_inside_a_window():
    timetable = a_timetable(600)

    for applicant in applicants():
        for ask in applicant.asks:
            assert timetable.installed < applicant.registered_at < ask.at
            assert timetable.opens <= ask.at < timetable.closes or timetable.drawn < ask.at < timetable.closes_again


def test_shards_share_no_device_phone_or_network():
    found = defaultdict(set)
    for applicant in applicants():
        for subject in (applicant.device, applicant.phone, applicant.network.rpartition(".")[0]):
            found[subject].add(shard_of(applicant))

    devices_and_networks = {subject: shards for subject, shards in found.items() if not subject.startswith("+")}
    assert all(len(shards) == 1 for shards in devices_and_networks.values())
    assert all(len(shards) == 1 for subject, shards in found.items() if subject.startswith("+"))


def test_hoarders_try_in_proportion_to_honest_requests():
    asked = Counter()
    for applicant in applicants(people=3000):
        asked[applicant.kind.hoards] += len(applicant.asks)

    assert asked[True] == pytest.approx(SHARE * asked[False], rel=0.02)


@pytest.mark.parametrize("people", [200, 300, 2000])
def test_twice_as_much_is_asked_as_the_draw_has(people):
    timetable = a_timetable(people)
    country = sized(PACK, timetable, people)
    honest = Population(country.stage, timetable, seed=1).honest(people)
    wanted = demand(country.stage, timetable, honest)
    shares = scarce(country, wanted).whole.quotas.shares("branch")

    places = float(shares[Pool.DRAW]) * wanted.counters["branch"]
    assert wanted.asked["branch"] / places == pytest.approx(DEMAND_FOR_A_PLACE, rel=0.02)
    assert sum(shares.values()) == 1


def test_a_small_country_has_few_offices_and_a_large_one_has_all_that_are_open():
    small, large = (sized(PACK, a_timetable(people), people).stage.offices for people in (200, 20_000))

    assert len(small) < 10
    assert sum(office.kind == "branch" for office in large) == sum(office.kind == "branch" for office in PACK.offices)
