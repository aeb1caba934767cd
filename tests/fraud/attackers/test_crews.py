from collections import Counter
from dataclasses import replace

import pytest

from fraud.attackers import World
from fraud.attackers.agents import DAY
from fraud.attackers.country import Country
from fraud.attackers.parameters import BOT, BROKER, CLAIMER, HOARDER, KINDS
from fraud.attackers.season import intended
from fraud.attackers.tactics import Tactics

pytestmark = pytest.mark.slow

WORLD = World(people=5_000, days=14)


def asked(kind, tactics, world=WORLD):
    asks = intended(Country(5, world.days), replace(world, tactics={kind.name: tactics}))
    return [ask for ask in asks if ask.kind.name == kind.name]


def most(asks, of):
    return max(Counter(of(ask) for ask in asks for _ in ask.people).values())


def test_phones_accounts_devices_and_addresses_hold_as_many_as_the_tactics_say():
    asks = asked(HOARDER, Tactics(per_phone=7, per_account=3, per_device=5, per_network=11))

    assert len(asks) == WORLD.attackers(WORLD.hoarders * WORLD.borrowed)
    assert most(asks, lambda ask: ask.account.name) == 3
    assert most(asks, lambda ask: ask.account.phone) == 6  # two accounts of three: a third has no room
    assert most(asks, lambda ask: ask.device) == 5


def test_without_a_cookie_there_is_no_device():
    assert {ask.device for ask in asked(HOARDER, Tactics(cookie=False))} == {""}


def test_a_share_of_places_is_meant_for_buyers_and_covers_come_on_top():
    asks = asked(HOARDER, Tactics(resold=1.0, mixed=0.5))

    false = [ask for ask in asks if ask.role == ""]
    covers = [ask for ask in asks if ask.role == "cover"]
    assert all(ask.buyer is not None for ask in false)
    assert len(covers) == round(0.5 * len(false))
    assert all(ask.buyer is None and ask.kind.habits.caught == BROKER.habits.caught for ask in covers)


def test_invented_people_come_for_each_stolen_identity():
    asks = asked(BOT, Tactics(invented=3.0))

    known = sum(person.known for ask in asks for person in ask.people)
    assert sum(len(ask.people) for ask in asks) == 4 * known


def test_larger_parties_hold_the_same_people():
    asks = asked(BROKER, Tactics(party=4))

    assert sum(len(ask.people) for ask in asks) == WORLD.attackers(WORLD.brokers * WORLD.clients)
    assert {len(ask.people) for ask in asks} == {4}
    assert {ask.role for ask in asks} == {"client"}


def test_a_front_asks_in_accounts_of_a_registered_helper():
    assert all(ask.account.helper for ask in asked(BROKER, Tactics(front=True)))
    assert not any(ask.account.helper for ask in asked(BROKER, Tactics()))


def test_accounts_are_made_as_long_ahead_as_said_and_requests_fall_in_their_days():
    asks = asked(BROKER, Tactics(account_days=20.0, begins=0.5, lasts=0.3))

    made = [ask for ask in asks if ask.account.made_at == pytest.approx(ask.at - 20 * DAY)]
    assert len(made) >= len(asks) / 12  # the first request of each account
    assert all(ask.account.registered for ask in asks)
    assert all(7 <= ask.at // DAY <= 9 for ask in asks)


def test_claimers_ask_for_owners_who_know_of_nothing_and_come_later():
    world = replace(WORLD, tactics={CLAIMER.name: Tactics(ahead=1.0)}, squats=0)
    asks = intended(Country(5, world.days), world)
    claims = [ask for ask in asks if ask.kind.name == CLAIMER.name]

    owners = {person.number: ask for ask in asks if ask.squatted for person in ask.people[:1]}
    assert len(claims) == world.attackers(world.claimed) == len(owners)
    assert all(claim.role == "owner" and claim.at <= owners[claim.people[0].number].at for claim in claims)


def test_who_acts_by_tactics_does_not_act_by_fixed_habits_too():
    fixed = Counter(ask.kind.name for ask in intended(Country(5, WORLD.days), WORLD))
    tactics = {name: Tactics() for name, kind in KINDS.items() if not kind.honest and fixed[name]}
    moved = Counter(ask.kind.name for ask in intended(Country(5, WORLD.days), replace(WORLD, tactics=tactics)))

    assert set(moved) == set(fixed)
    for kind in (HOARDER, BROKER):
        assert moved[kind.name] == fixed[kind.name]  # the same people: habits change, the supply does not
    assert moved[BOT.name] == WORLD.attackers(WORLD.bot_identities) < fixed[BOT.name]  # nobody is invented
