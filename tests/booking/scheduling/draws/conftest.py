"""Fixtures: an empty country for a test or a file, and offices to put into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import Settings
from booking.platform.models import QuotaPolicy
from booking.platform.models.states import Pool, VersionState
from tests.booking.scheduling.draws.world import NOW, World
from tests.support.roles import as_app, is_pooled


@contextmanager
def open_world(url: str, *, address: str = "", **more: Any) -> Iterator[World]:
    """Open a core at nine on a Sunday, a week before the first day of slots; draws use no Redis, so it has none.

    `as_app` gives the address, unless ``address`` is another one's.
    """
    more.setdefault("database_pooled", is_pooled())
    clock = SettableClock(NOW)
    secret = SecretStr("a secret of the draw's tests, long enough")
    settings = Settings(_env_file=None, secret_key=secret, password_hash_memory_kib=64, password_hash_rounds=1, **more)
    with open_core(
        settings, database_url=address or as_app(url), redis_url="unix:///nowhere", clock=clock, pool_size=4
    ) as core:
        yield World(core, clock)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty country of this test alone."""
    with open_world(database_url) as world:
        yield world


@pytest.fixture(scope="module")
def shared_world(module_database_url: str) -> Iterator[World]:
    """A country of all tests of a file."""
    with open_world(module_database_url) as world:
        yield world


@pytest.fixture
def office(world):
    """One office with four slots on the first day; say how many places each has."""

    def make(*places, pool=Pool.DRAW, code="a", day=None, **more):
        if code not in world.offices:
            world.office(code, **more)
        return world.slots(code, day or world.first_day, {pool: list(places)})

    return make


@pytest.fixture
def policy(world):
    """Make the first quota policy, with these limits besides those that every policy has."""

    def make(**limits):
        with world.core.sessions.begin() as session:
            session.add(
                QuotaPolicy(
                    version=1,
                    shares={},
                    limits={
                        "household_members": 12,
                        "party": 6,
                        "ranked_offices": 3,
                        "challenge_from": 0.5,
                        "review_from": 0.9,
                        **limits,
                    },
                    state=VersionState.ACTIVE,
                    active=True,
                    bootstrap=True,
                    created_at=world.clock.now(),
                )
            )

    return make
