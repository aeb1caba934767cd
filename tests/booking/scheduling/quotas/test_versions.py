"""One analyst proposes quotas, another one activates them; coming days are split again, and nobody loses a place."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from booking.antifraud.gate.versions import publish_limits
from booking.country.core import audit
from booking.country.policy.quota_table import Level, Scope
from booking.country.versions.steps import activate, retire, roll_back, start_shadow
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.platform.models import AuditEntry, QuotaPolicy, Request, Slot, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.draws import draw as draws
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.errors import (
    DraftChangedError,
    DraftClosedError,
    DrawUnderWayError,
    NothingChangedError,
    StrandedPlacesError,
)
from booking.scheduling.quotas.versions import QUOTAS, propose
from tests.booking.country.policy.test_quota_table import places, shares
from tests.support.waiting import ended

OFFICE_A = Scope(Level.OFFICE, "a")
MORE_DRAW = shares(draw=75, urgent=25, instant=0, walk_in=0, accessible=0)


def states(core):
    with core.sessions() as session:
        return {row.version: row.state for row in session.scalars(select(QuotaPolicy))}


def take(core, office_id, pool, count):
    """Take places of the first slots of an office, as appointments do."""
    with core.sessions.begin() as session:
        ids = session.scalars(select(Slot.id).where(Slot.office_id == office_id).order_by(Slot.id)).all()
        for slot_id in ids[:count]:
            session.execute(
                update(SlotPool).where(SlotPool.slot_id == slot_id, SlotPool.pool == pool).values(taken=SlotPool.places)
            )


def test_another_analyst_activates_and_coming_days_change(world, analysts, proposed, pools):
    version = proposed({OFFICE_A: MORE_DRAW})
    with pytest.raises(SecondPersonNeededError):
        activate(world.core, QUOTAS, version=version, by=analysts[0])
    assert pools("a") == {Pool.DRAW: 16, Pool.URGENT: 8, Pool.INSTANT: 8}

    done = activate(world.core, QUOTAS, version=version, by=analysts[1])

    assert done.details == {"before": 1, "proposed_by": str(analysts[0]), "office_days": 2, "units": 8, "kept": 0}
    assert pools("a") == {Pool.DRAW: 24, Pool.URGENT: 8}
    assert pools("b") == {Pool.DRAW: 16, Pool.URGENT: 8, Pool.INSTANT: 8}
    assert states(world.core) == {1: "retired", 2: "active"}
    with world.core.sessions() as session:
        assert [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))][-2:] == [
            "quotas.proposed",
            "quotas.activated",
        ]
        audit.verify(session)


def test_a_rollback_restores_the_earlier_split(world, analysts, proposed, pools):
    activate(world.core, QUOTAS, version=proposed({OFFICE_A: MORE_DRAW}), by=analysts[1])

    assert roll_back(world.core, QUOTAS, by=analysts[0]).version == 1

    assert pools("a") == {Pool.DRAW: 16, Pool.URGENT: 8, Pool.INSTANT: 8}
    with pytest.raises(NotFoundError):
        roll_back(world.core, QUOTAS, by=analysts[0])


def test_the_nearest_days_stay_unchanged(world, analysts, proposed, pools):
    version = proposed({OFFICE_A: MORE_DRAW})
    world.clock.advance(timedelta(days=5))  # the first day of slots is two days off

    assert activate(world.core, QUOTAS, version=version, by=analysts[1]).details["office_days"] == 1
    assert pools("a") == {Pool.DRAW: 20, Pool.URGENT: 8, Pool.INSTANT: 4}


def test_places_that_people_have_are_never_stranded(world, analysts, proposed, pools):
    take(world.core, world.offices["a"], Pool.INSTANT, 3)
    version = proposed({OFFICE_A: MORE_DRAW})

    with pytest.raises(StrandedPlacesError) as caught:
        activate(world.core, QUOTAS, version=version, by=analysts[1])
    assert [(one.office_en, one.pool, one.taken, one.places) for one in caught.value.rows] == [
        ("a", Pool.INSTANT, 3, 0)
    ]
    assert states(world.core) == {1: "active", 2: "draft"}
    assert pools("a") == {Pool.DRAW: 16, Pool.URGENT: 8, Pool.INSTANT: 8}

    done = activate(world.core, QUOTAS, version=version, by=analysts[1], anyway=True)

    assert done.details["kept"] == 1
    assert pools("a") == {Pool.DRAW: 21, Pool.URGENT: 8, Pool.INSTANT: 3}


def test_a_closed_draw_keeps_its_places_until_it_is_drawn(world, analysts, proposed):
    version = proposed({OFFICE_A: MORE_DRAW})
    world.ask("a")
    reference = world.closed()

    with pytest.raises(DrawUnderWayError, match=reference):
        activate(world.core, QUOTAS, version=version, by=analysts[1])

    draws.run(world.core, reference)
    activate(world.core, QUOTAS, version=version, by=analysts[1])
    assert states(world.core)[2] == "active"


def test_limits_changed_meanwhile_are_kept(world, analysts, proposed):
    version = proposed({OFFICE_A: MORE_DRAW})
    publish_limits(world.core, changes={"draw_hour": 9})

    activate(world.core, QUOTAS, version=version, by=analysts[1])

    with world.core.sessions() as session:
        active = session.scalars(select(QuotaPolicy).where(QuotaPolicy.active)).one()
    assert (active.version, active.limits["draw_hour"], active.overrides[0]["code"]) == (2, 9, "a")


def test_a_rollback_reaches_a_version_that_changed_limits_alone(world, analysts, proposed):
    limits = publish_limits(world.core, changes={"draw_hour": 9})
    activate(world.core, QUOTAS, version=proposed({OFFICE_A: MORE_DRAW}), by=analysts[1])

    assert roll_back(world.core, QUOTAS, by=analysts[0]).version == limits


def test_quotas_cannot_run_in_shadow(world, analysts, proposed):
    with pytest.raises(IllegalMoveError):
        start_shadow(world.core, QUOTAS, version=proposed({OFFICE_A: MORE_DRAW}), by=analysts[1])


def test_only_one_of_two_simultaneous_changes_to_a_draft_is_saved(world, analysts, a_draft):
    draft_id, revision = a_draft({})
    results = []

    def save(who, urgent):
        try:
            results.append(
                drafts.set_row(
                    world.core, draft_id=draft_id, revision=revision, scope=OFFICE_A, quota=places(urgent), by=who
                )
            )
        except DraftChangedError as error:
            results.append(error)

    threads = [threading.Thread(target=save, args=(who, n)) for n, who in enumerate(analysts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)

    assert sorted(str(one) for one in results) == ["2", "the draft is at revision 2"]


def test_a_draft_is_proposed_once_and_only_when_it_changes_something(world, analysts, a_draft):
    same, revision = a_draft({})
    with pytest.raises(NothingChangedError):
        propose(world.core, draft_id=same, revision=revision, by=analysts[0])
    drafts.drop(world.core, draft_id=same, revision=revision, by=analysts[1])

    other, revision = a_draft({OFFICE_A: MORE_DRAW})
    with pytest.raises(DraftChangedError):
        propose(world.core, draft_id=other, revision=revision - 1, by=analysts[0])
    propose(world.core, draft_id=other, revision=revision, by=analysts[0])

    for draft_id in (same, other):
        with pytest.raises(DraftClosedError):
            propose(world.core, draft_id=draft_id, revision=revision, by=analysts[0])
        with pytest.raises(DraftClosedError):
            drafts.set_row(world.core, draft_id=draft_id, revision=9, scope=OFFICE_A, quota=None, by=analysts[0])


def test_a_rejected_version_never_decides(world, analysts, proposed):
    version = proposed({OFFICE_A: MORE_DRAW})

    retire(world.core, QUOTAS, version=version, by=analysts[1])

    for wrong in (version, 1):  # it is retired already; it decides
        with pytest.raises(IllegalMoveError):
            retire(world.core, QUOTAS, version=wrong, by=analysts[1])
    with pytest.raises(NotFoundError):
        activate(world.core, QUOTAS, version=version, by=analysts[1])
    with pytest.raises(NotFoundError):
        roll_back(world.core, QUOTAS, by=analysts[1], to=version)


def test_citizens_change_no_quotas(world, proposed, a_draft):
    version, (draft_id, revision) = proposed({OFFICE_A: MORE_DRAW}), a_draft({})
    world.ask("a")
    with world.core.sessions() as session:
        nobody = session.scalars(select(Request.account_id)).one()
    for forbidden in (
        lambda: activate(world.core, QUOTAS, version=version, by=nobody),
        lambda: roll_back(world.core, QUOTAS, by=nobody),
        lambda: retire(world.core, QUOTAS, version=version, by=nobody),
        lambda: propose(world.core, draft_id=draft_id, revision=revision, by=nobody),
        lambda: drafts.begin(world.core, title="x", by=nobody),
        lambda: drafts.drop(world.core, draft_id=draft_id, revision=revision, by=nobody),
    ):
        with pytest.raises(ForbiddenError):
            forbidden()


NEW = "INSERT INTO quota_policy (version, active, created_at, limits, state, bootstrap, limits_only, shares) VALUES "
ALONE = (
    "UPDATE quota_policy SET state = 'active', active = true WHERE version = 2",
    "UPDATE quota_policy SET activated_at = now(), activated_by = created_by WHERE version = 2",
    "UPDATE quota_policy SET shares = '{}' WHERE version = 2",
    "UPDATE quota_policy SET limits = '{}' WHERE version = 1",
    "DELETE FROM quota_policy WHERE version = 2",
    NEW + "(3, false, now(), '{}', 'draft', true, false, '{}')",  # a second very first version
    NEW + "(3, false, now(), '{}', 'draft', false, false, '{}')",  # proposed by nobody
    NEW + """(3, false, now(), '{}', 'draft', false, true, '{"branch": {}}')""",  # limits alone, with other quotas
    "UPDATE slot_pool SET places = places + 1 WHERE pool = 'urgent'",
)


def test_the_database_enforces_two_people(world, proposed):
    proposed({OFFICE_A: MORE_DRAW})
    with world.core.sessions.begin() as session:
        session.execute(text("UPDATE quota_policy SET state = 'retired', active = false WHERE version = 1"))

    for statement in ALONE:
        with world.core.sessions() as session, pytest.raises(DatabaseError):
            session.execute(text(statement))
