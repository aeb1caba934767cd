"""A process that is killed in the middle of a draw loses nothing and changes nothing in the result."""

import multiprocessing
import os
import signal

import pytest
from sqlalchemy import func, select

from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import DrawNotReadyError
from booking.platform.models import Appointment, Draw, DrawEntry, DrawFile, DrawPhase, Message, SlotPool
from booking.platform.models.states import DrawState, Pool, RequestState
from booking.scheduling.draws import apply, closing, drawing, publishing
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.announce import found, stored_files
from booking.scheduling.draws.decision import decide
from booking.scheduling.draws.format2.closing import read_closing
from booking.scheduling.draws.format2.tables import LEAVES
from booking.scheduling.draws.frozen import frozen_of
from booking.scheduling.draws.progress import list_progress
from booking.scheduling.draws.verification import verify_files
from tests.support.roles import as_app
from tests.support.waiting import ended

# Nothing that another thread holds is needed: a child opens all that it works with.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

STEPS = {"close": closing, "run": drawing, "apply": apply, "publish": publishing}


def do_and_die(settings, url, now, step, last):
    """Do a step of draw d1 with a core of one's own, and be killed right after a function of it has returned."""
    module = STEPS[step]
    real = getattr(module, last)

    def then_die(*args, **more):
        real(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, last, then_die)
    apply._AT_ONCE = 2
    with open_core(settings, database_url=url, redis_url="unix:///nowhere", clock=SettableClock(now)) as core:
        getattr(draws, "run" if step == "apply" else step)(core, "d1")


@pytest.fixture
def killed_after(world, database_url):
    """Do a step of draw d1 in a forked process that is killed right after one of its functions has returned."""
    fork = multiprocessing.get_context("fork")

    def kill(step, last):
        arguments = (world.core.settings, as_app(database_url), world.clock.now(), step, last)
        process = fork.Process(target=do_and_die, args=arguments)
        process.start()
        ended(process)
        assert process.exitcode == -signal.SIGKILL

    return kill


def counts(world):
    with world.session() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (Appointment, Draw, DrawEntry, DrawFile, Message)
        } | {"taken": session.scalar(select(func.sum(SlotPool.taken)))}


def turns(world):
    """Draws that each request lost, and those of them that no draw has put on record."""
    return sorted((request.lost_draws, request.owed_turns) for request in world.requests())


def test_a_closing_that_was_killed_is_given_up_as_if_it_had_not_begun(world, office, killed_after):
    office(1)
    for lost in (0, 2):
        world.ask("a", lost=lost)
    world.draw("d1")
    killed_after("close", "add_files")
    assert turns(world) == [(0, 0), (2, 0)]
    (far,) = list_progress(world.core)
    assert (far.reference, far.phase) == ("d1", DrawPhase.CHECKING)

    draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator")

    assert turns(world) == [(0, 0), (2, 2)]
    assert not list_progress(world.core)
    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d1")


def test_a_draw_killed_at_any_step_gives_the_same_files_when_repeated(world, killed_after):
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1, 2, 1, 2]})
    for number in range(6):
        world.ask("a", party=1 + number % 2, lost=number % 3)
    world.draw("d1")
    before = counts(world) | {"draw_entry": 6}

    for last in ("mark", "add_turns", "enter", "add_files"):
        killed_after("close", last)
        assert counts(world) | {"draw_entry": 6} == before
    draws.close(world.core, "d1")
    assert turns(world) == [(0, 0), (0, 0), (1, 0), (1, 0), (2, 0), (2, 0)]

    with world.session() as session:
        draw = found(session, "d1")
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
    closed = counts(world)
    for last in ("settled", "decide", "keep_outcome", "take_places", "record"):
        killed_after("run", last)
        assert counts(world) == closed
        assert draws.close(world.core, "d1").state is DrawState.CLOSED
    killed_after("run", "_state")
    with world.session() as session:
        stated = found(session, "d1")
        result = {name: file.content for name, file in stored_files(session, stated).items()}
    assert counts(world) == closed | {"draw_file": len(result), "taken": 6}
    for step, last in (("apply", "_do"), ("apply", "_give_out"), ("run", "apply"), ("run", "end_progress")):
        killed_after(step, last)
        with pytest.raises(DrawNotReadyError):
            draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator")
    assert draws.run(world.core, "d1").drawn_at == stated.drawn_at
    drawn = counts(world)
    draws.run(world.core, "d1")
    with world.session() as session:
        assert {name: file.content for name, file in stored_files(session, stated).items()} == result
    killed_after("publish", "add_files")
    assert counts(world) == drawn
    draws.publish(world.core, "d1")

    files = world.files("d1")
    with world.session() as session:
        draw = found(session, "d1")
        expected = decide(frozen_of(draw, contents), draw.seed).plan_file(read_closing(contents).place_salts)
    assert files["plan.csv"] == expected
    assert {name: files[name] for name in contents if name != LEAVES} == {
        name: content for name, content in contents.items() if name != LEAVES
    }
    assert verify_files(files).ok
    assert drawn["appointment"] == len([line for line in expected.splitlines()[1:] if b",," not in line])
    with world.session() as session:
        states = session.scalars(select(Draw.state)).all()
    assert states == [DrawState.PUBLISHED]
    assert RequestState.ACCEPTED not in {request.state for request in world.requests()}
