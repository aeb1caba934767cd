import dataclasses
from datetime import date

import pytest

from fraud.attackers.agents import HOUR, HOUSEHOLD, PROVEN, SEEN, Account, Ask, Person, again
from fraud.attackers.country import Claims
from fraud.attackers.gatehouse import SeasonLimits
from fraud.attackers.parameters import HOARDER, KINDS, World
from fraud.limiting.text import default_limits


def person(number, days_left=30):
    return Person(number, date(1990, 5, 4), known=True, passport_days_left=days_left)


@pytest.fixture
def account():
    return Account("account", "phone", "prefix", "", 0.0)


@pytest.mark.parametrize("how", ["prove", "see"])
def test_a_claim_ends_when_another_account_proves_the_person(ask, account, how):
    stranger, owner = Account("stranger", "phone", "prefix", "", 0.0), account
    claims = Claims(1, World())
    for login in (stranger, owner):
        for one in (person(1), person(2)):
            login.admit(one, set(), ())
        claims.claim(login)
    stranger.proven.add(2)
    ask.people = (person(1), person(2))
    ask.kind = dataclasses.replace(ask.kind, habits=dataclasses.replace(ask.kind.habits, proves=1.0))

    getattr(claims, how)(ask)

    assert (stranger.claims_ended, set(stranger.household), stranger.unproven) == (1, {2}, set())
    assert (owner.claims_ended, owner.unproven) == (0, set())
    assert owner.level(person(1)) == {"prove": PROVEN, "see": SEEN}[how]


@pytest.fixture
def ask(account):
    return Ask(HOARDER, account, "device", "network", (person(1),), 23.5 * HOUR, 60.0, zone_hours=2, buyer=person(2))


def test_a_full_household_drops_people_without_a_live_request_first(account):
    for number in range(HOUSEHOLD):
        account.admit(person(number), set(), ())

    account.admit(person(99), {0, 1}, (person(2), person(99)))

    assert list(account.household) == [0, 1, 2, *range(4, HOUSEHOLD), 99]


def test_the_hour_is_the_offices(ask):
    assert ask.hour == 1


def test_asking_again_starts_over_with_the_reason_that_the_buyer_needs(ask):
    ask.state, ask.tries, ask.decision = "cancelled", 3, "accept"

    new = again(ask, 90 * HOUR, people=(person(2, days_left=900),), buyer=None)

    assert (new.state, new.tries, new.decision, new.at, new.account) == ("wanted", 0, "", 90 * HOUR, ask.account)
    assert new.reason
    assert not again(ask, 90 * HOUR).reason


def test_the_seasons_limits_are_the_default_ones_by_its_own_clock():
    limits = SeasonLimits(default_limits().policy)
    asked = {"account": "a", "device": ""}

    waits = [limits.attempt("ask", 0.0, asked) for _ in range(31)]

    assert waits[:30] == [0] * 30
    assert waits[30] == pytest.approx(120)  # 30 per hour
    assert limits.attempt("ask", 120.0, asked) == 0
    assert limits.attempt("ask", 0.0, {"account": "b"}) == 0


def test_the_assumed_shares_make_a_whole_and_chances_are_chances():
    assert sum(World().shares.values()) == pytest.approx(1)
    for kind in KINDS.values():
        habits = kind.habits
        for chance in (habits.passes_proof, habits.passes_code, habits.again, habits.caught, habits.labelled):
            assert 0 <= chance <= 1
        assert habits.lapses + habits.cancels <= 1
        assert (kind.means is None) == kind.honest
