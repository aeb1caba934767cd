"""A small country with quotas: two kinds of office, two weeks of slots, and two analysts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.country.policy.quota_table import Quota, Scope
from booking.platform.models import QuotaPolicy, Slot, SlotPool
from booking.platform.models.states import Pool, VersionState
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.versions import propose
from tests.booking.scheduling.draws.conftest import open_world
from tests.support.country import an_analyst

SHARES = {"draw": "0.5", "urgent": "0.25", "instant": "0.25", "walk_in": "0", "accessible": "0"}


@pytest.fixture
def world(database_url):
    """Two branches with two weeks of days of 16 places each, under a first policy: half of them for the draw."""
    with open_world(database_url) as world:
        with world.core.sessions.begin() as session:
            session.add(
                QuotaPolicy(
                    version=1,
                    state=VersionState.ACTIVE,
                    active=True,
                    bootstrap=True,
                    shares={"branch": SHARES, "consulate": SHARES},
                    limits={"household_members": 12, "party": 6, "ranked_offices": 3},
                    created_at=world.clock.now(),
                    activated_at=world.clock.now(),
                )
            )
        for code in ("a", "b"):
            world.office(code)
            for day in range(2):
                world.slots(
                    code,
                    world.first_day + timedelta(days=day),
                    {Pool.DRAW: [2] * 4, Pool.URGENT: [1] * 4, Pool.INSTANT: [1] * 4},
                )
        yield world


@pytest.fixture
def analysts(world):
    """Two analysts' ids."""
    return an_analyst(world.core), an_analyst(world.core)


@pytest.fixture
def a_draft(world, analysts):
    """Begin a draft with some rows set; give its id and revision."""

    def make(rows: dict[Scope, Quota], by=None):
        draft_id = drafts.begin(world.core, title="more", by=by or analysts[0])
        for number, (scope, quota) in enumerate(rows.items(), 1):
            drafts.set_row(
                world.core, draft_id=draft_id, revision=number, scope=scope, quota=quota, by=by or analysts[0]
            )
        return draft_id, len(rows) + 1

    return make


@pytest.fixture
def proposed(world, analysts, a_draft):
    """Propose a policy with some rows set; give its version."""

    def make(rows: dict[Scope, Quota]):
        draft_id, revision = a_draft(rows)
        return propose(world.core, draft_id=draft_id, revision=revision, by=analysts[0])

    return make


@pytest.fixture
def pools(world):
    """Sum the places of each pool over all days of an office."""

    def read(office_code):
        with world.core.sessions() as session:
            rows = session.execute(
                select(SlotPool.pool, func.sum(SlotPool.places))
                .join(Slot, Slot.id == SlotPool.slot_id)
                .where(Slot.office_id == world.offices[office_code])
                .group_by(SlotPool.pool)
            )
            return {pool: places for pool, places in rows if places}

    return read
