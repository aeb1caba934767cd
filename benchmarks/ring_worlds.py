"""Bookings of which it is known who asked for whom: invented neighbourhoods, seasons, and the demonstration's people.

Each has the columns of `fraud.rings.find.find_rings`, ``kind``, and ``own``: the account is an attacker's.
Neighbourhoods also have ``role``. Bookings of registered helpers are left out, as the night's run leaves them out.
"""

from datetime import UTC, datetime

import pandas as pd

from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.brokers import hoarders
from booking.entrypoints.demo.country import sized
from booking.entrypoints.demo.people import Population
from booking.entrypoints.demo.timetable import Timetable
from fraud.attackers import World, play
from fraud.rings.neighbourhoods import neighbourhoods
from fraud.rings.roles import Role

LEARNED_FROM = {"neighbourhoods": range(1, 25), "seasons": (11, 12, 13)}
JUDGED_ON = range(201, 211)
"""Seeds of all three worlds that nothing was tuned on."""


def neighbourhood(seed: int) -> pd.DataFrame:
    """Return the bookings of invented neighbourhoods, of all of which the role is known."""
    found = neighbourhoods(seed)
    return found.assign(own=found["role"].isin([Role.ORGANISER, Role.TOOL]))


def season(seed: int, world: World | None = None) -> pd.DataFrame:
    """Return the kept requests of a season against the gate."""
    played = play(seed, world)
    asks = played.asks[played.asks["number"] >= 0]
    facts = played.facts.loc[asks["number"]]
    found = pd.DataFrame(
        {
            **{name: asks[name] for name in ("account", "device", "phone", "at", "person", "party", "kind")},
            "seconds": asks["form_seconds"],
            "age_hours": facts["account_age_hours"].to_numpy(),
            "own": ~asks["honest"],
        }
    )
    return found[facts["phone_is_registered_helper"].to_numpy() == 0].reset_index(drop=True)


def demonstration(seed: int, people: int = 4_000) -> pd.DataFrame:
    """Return all that a demonstration's people plan to ask, with the attackers' accounts, before any limit."""
    pack = load_pack("syria")
    timetable = Timetable.until(datetime(2026, 11, 24, 12, tzinfo=UTC), pack=pack, days=2)
    population = Population(sized(pack, timetable, people).stage, timetable, seed=seed)
    honest = population.honest(people)
    rows = [
        {
            "account": one.username,
            "device": one.device,
            "phone": one.phone,
            "at": ask.at.timestamp(),
            "person": one.people[ask.people[0]].number,
            "party": len(ask.people),
            "seconds": ask.seconds,
            "age_hours": (ask.at - one.registered_at).total_seconds() / 3_600,
            "kind": one.kind.name.lower(),
            "own": one.kind.hoards,
        }
        for one in honest + hoarders(population, honest)
        for ask in one.asks
    ]
    return pd.DataFrame(rows).sort_values("at", kind="stable", ignore_index=True)
