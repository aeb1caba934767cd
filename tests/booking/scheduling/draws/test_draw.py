"""The steps of a draw on real rows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.country.core import audit
from booking.platform.base.errors import CapacityChangedError, DrawNotReadyError, InvalidInputError, NotFoundError
from booking.platform.models import (
    Appointment,
    AppointmentPlaces,
    Draw,
    SlotPool,
)
from booking.platform.models.states import DrawState, RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws import formats
from booking.scheduling.draws.announce import found
from booking.scheduling.draws.verification import verify_files


def test_a_published_draw_verifies_and_takes_exactly_its_places(world, office):
    office(1, 1, 1, 1)
    asked = [world.ask("a") for _ in range(5)] + [world.ask("a", party=2)]

    report = verify_files(world.published())

    assert report.ok, report.words()
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken))) == 4
        assert session.scalar(select(func.sum(AppointmentPlaces.places))) == 4
        assert audit.verify(session) == 8
    assert set(world.states(asked)) == {RequestState.DRAWN, RequestState.CARRIED_OVER}


def test_the_seed_is_committed_when_announced_and_secret_until_published(world, office):
    office(1)
    reference = world.closed()
    with world.session() as session:
        before = found(session, reference)
    draws.run(world.core, reference)
    with pytest.raises(DrawNotReadyError):
        draws.files(world.core, reference)

    after = draws.publish(world.core, reference)

    assert before.seed is None
    assert formats.digest(after.seed) == before.seed_commitment.hex()
    assert world.files()["seed.txt"] == after.seed.hex().encode() + b"\n"


def test_a_draw_without_requests_or_places_still_runs(world):
    report = verify_files(world.published())

    assert report.ok, report.words()


def test_each_step_waits_for_its_time_and_for_the_previous_step(world):
    now = world.clock.now()
    draws.announce(
        world.core,
        reference="d1",
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(hours=2),
        horizon_first=world.first_day,
        horizon_last=world.first_day,
    )
    for step in (draws.open_draw, draws.close, draws.run, draws.publish):
        with pytest.raises(DrawNotReadyError):
            step(world.core, "d1")
    world.clock.advance(timedelta(hours=1))
    assert draws.open_draw(world.core, "d1").state is DrawState.OPEN
    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d1")


@pytest.mark.parametrize("step", [draws.open_draw, draws.close, draws.run, draws.publish, draws.files])
def test_an_unknown_draw_is_not_found(world, step):
    with pytest.raises(NotFoundError):
        step(world.core, "nowhere")


def test_an_announcement_lists_everything_that_is_wrong(world):
    now = world.clock.now()
    with pytest.raises(InvalidInputError) as caught:
        draws.announce(
            world.core,
            reference="no spaces",
            opens_at=now,
            closes_at=now,
            horizon_first=world.first_day,
            horizon_last=world.first_day - timedelta(days=1),
        )

    assert [error.field for error in caught.value.errors] == ["reference", "closes_at", "horizon_last"]


def test_a_reference_is_used_once(world):
    world.draw("d1")

    with pytest.raises(InvalidInputError):
        world.draw("d1")


def test_a_result_is_undone_when_its_places_are_gone(world, office):
    office(1, 1)
    reference = world.ask("a")
    world.closed()
    with world.core.sessions.begin() as session:
        session.execute(update(SlotPool).values(taken=1))

    with pytest.raises(CapacityChangedError):
        draws.run(world.core, "d1")

    assert world.request(reference).state is RequestState.ACCEPTED
    with world.session() as session:
        assert session.scalars(select(Appointment)).all() == []
        assert session.scalars(select(Draw.state)).all() == [DrawState.CLOSED]
    with world.core.sessions.begin() as session:
        session.execute(update(SlotPool).values(taken=0))
    draws.run(world.core, "d1")
    assert world.request(reference).state is RequestState.DRAWN


def test_a_closed_draw_must_be_drawn_before_another_closes(world, office):
    office(1)
    world.ask("a")
    world.draw("d1")
    world.draw("d2")
    draws.close(world.core, "d1")

    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d2")

    draws.run(world.core, "d1")
    draws.close(world.core, "d2")


def test_running_again_changes_nothing(world, office):
    office(1)
    asked = [world.ask("a") for _ in range(3)]
    before = world.published()
    rows = world.states(asked)

    for step in (draws.open_draw, draws.close, draws.run, draws.publish):
        assert step(world.core, "d1").state is DrawState.PUBLISHED

    assert world.files() == before
    assert world.states(asked) == rows
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == 1
