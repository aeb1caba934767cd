"""Requests of a household that asked to come together."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from booking.platform.models import Request
from booking.platform.models.states import Pool
from booking.scheduling.draws.files import REPORT
from booking.scheduling.draws.verification import verify_files
from tests.booking.scheduling.draws.wishes import leaves_of


@pytest.fixture
def two_days(world):
    """An office with a place on the first day and two on the third, and one that has none."""
    world.office("a")
    world.office("b")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    world.slots("a", world.first_day + timedelta(days=2), {Pool.DRAW: [1, 1]})
    return world


def link(world, *references):
    """Let the requests be of one account that asked to come together."""
    with world.core.sessions.begin() as session:
        account = world.request(references[0]).account_id
        session.execute(
            update(Request).where(Request.reference.in_(references)).values(account_id=account, together=True)
        )


def visits(world, *references):
    appointments = [world.appointment_of(reference) for reference in references]
    return {(one.office_id, one.starts_at.date()) for one in appointments}


def test_a_household_is_given_one_visit_that_anyone_can_check(two_days):
    world = two_days
    third = world.first_day + timedelta(days=2)
    first, second = world.ask("a", lost=1), world.ask("a", first_day=third)
    other = world.ask("a")
    link(world, first, second)

    files = world.published()

    assert len(visits(world, first, second)) == 1
    assert world.appointment_of(other).starts_at.date() == world.first_day
    report = verify_files(files)
    assert report.ok, report.words()


def test_without_the_wish_to_come_together_nothing_changes(two_days):
    world = two_days
    third = world.first_day + timedelta(days=2)
    first, second = world.ask("a", lost=1), world.ask("a", first_day=third)

    files = world.published()

    assert len(visits(world, first, second)) == 2
    assert "together" not in json.loads(files[REPORT])
    assert all(leaf.together is None for leaf in leaves_of(files))


def test_requests_that_cannot_meet_are_not_marked(two_days):
    world = two_days
    first, second = world.ask("a"), world.ask("b")
    link(world, first, second)

    files = world.published()

    assert all(leaf.together is None for leaf in leaves_of(files))
