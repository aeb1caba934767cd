"""A closing that ended in the middle: what it wrote counts for nobody, and another one starts from what was before."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from booking.platform.base.errors import DrawNotReadyError
from booking.platform.models import AuditEntry, DrawEntry, DrawTurn, Request
from booking.platform.models.states import DrawState
from booking.scheduling.draws import begun, beside, closing
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.alone import CLOSES, alone
from booking.scheduling.draws.announce import found
from booking.scheduling.draws.schedule import advance_draws
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.scheduling.draws.conftest import open_world


class PowerOutError(Exception):
    """The process ends here."""


@pytest.fixture
def broken_off(world, monkeypatch):
    """Close a draw up to its statement, and no further."""

    def close(reference):
        def end(*_):
            raise PowerOutError

        with monkeypatch.context() as until:
            until.setattr(closing, "_state", end)
            with pytest.raises(PowerOutError):
                draws.close(world.core, reference)

    return close


def standing(world):
    """All that a closing changes of a request."""
    with world.session() as session:
        return session.execute(
            select(
                *(Request.reference, Request.draw_id, Request.lost_draws, Request.lasting_draws, Request.owed_turns),
                *(Request.link_draw, Request.link_list, Request.link_row),
            ).order_by(Request.reference)
        ).all()


def owe_to_the_last_in_line(world):
    """Owe a turn to the request with the last leaf."""
    with world.core.sessions.begin() as session:
        last = select(DrawEntry.request_id).order_by(DrawEntry.leaf_index.desc()).limit(1).scalar_subquery()
        owed = {"lost_draws": 1, "lasting_draws": 1, "owed_turns": 1}
        session.execute(update(Request).where(Request.id == last).values(owed))


def undo(world):
    with world.session() as session:
        draw = found(session, "d1")
    with alone(world.core, CLOSES, wait=True) as holder:
        begun.undo(begun.Ours(world.core, draw.id, holder))


def test_a_turn_of_the_line_is_taken_back_wherever_its_rows_are(world, office, broken_off, monkeypatch):
    office(1)
    for _ in range(3):
        world.ask("a")
    world.draw("d1")
    broken_off("d1")
    owe_to_the_last_in_line(world)  # whose turn is the first one
    undo(world)
    before = standing(world)
    broken_off("d1")
    assert standing(world) != before

    monkeypatch.setattr(begun, "_AT_ONCE", 1)
    undo(world)

    assert standing(world) == before
    with world.session() as session:
        assert not session.scalars(select(DrawEntry)).all()


@pytest.fixture
def broken_off_between_turns(world, office, monkeypatch):
    """A draw of three requests that are each owed a turn, of which one is on record when the process ends."""
    office(1)
    for _ in range(3):
        world.ask("a", lost=1)
    world.draw("d1")
    real = closing.add_turns

    def add(session, draw, first, kept):
        if first:
            raise PowerOutError
        real(session, draw, first, kept)

    monkeypatch.setattr(closing, "_BOUND_AT_ONCE", 1)
    monkeypatch.setattr(beside, "BESIDE", 1)
    with monkeypatch.context() as until:
        until.setattr(closing, "add_turns", add)
        with pytest.raises(PowerOutError):
            draws.close(world.core, "d1")
    assert turns_on_record(world) == 1
    return world


def turns_on_record(world):
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(DrawTurn))


def test_some_turns_on_record_change_nothing_for_who_gives_the_draw_up(broken_off_between_turns):
    world = broken_off_between_turns
    before = standing(world)

    draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator")

    assert standing(world) == before
    assert {(one.lost_draws, one.owed_turns, one.link_draw) for one in before} == {(1, 1, None)}


def test_who_withdraws_between_two_slices_of_turns_is_in_no_later_closing(broken_off_between_turns):
    world = broken_off_between_turns
    with world.session() as session:
        whose = session.get_one(Request, session.scalars(select(DrawTurn.request_id)).one())
    withdraw(world.core, account_id=whose.account_id, reference=whose.reference)

    for step in (draws.close, draws.run, draws.publish):
        step(world.core, "d1")

    assert turns_on_record(world) == 2
    assert world.request(whose.reference).link_draw is None
    assert verify_files(world.files("d1")).ok


def test_no_other_draw_closes_over_what_was_begun(world, office, broken_off):
    office(1)
    world.ask("a", lost=1)
    world.draw("d1")
    world.draw("d2")
    broken_off("d1")
    begun_with = standing(world)

    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d2")

    assert standing(world) == begun_with
    draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator")
    assert "d2 closed" in advance_draws(world.core)


def test_a_statement_that_took_until_the_value_came_is_not_made(database_url, monkeypatch):
    add = closing.add_files
    with open_world(database_url, beacon="drand") as world:
        world.draw("d1")

        def slowly(*args):
            world.clock.advance(timedelta(minutes=11))
            add(*args)

        monkeypatch.setattr(closing, "add_files", slowly)
        with pytest.raises(DrawNotReadyError):
            draws.close(world.core, "d1")

        assert "d1 abandoned" in advance_draws(world.core)


def test_who_lost_the_lock_states_nothing_over_another_closing(world, office, broken_off, monkeypatch):
    office(1)
    for _ in range(2):
        world.ask("a")
    mine, _ = world.requests()
    world.draw("d1")
    real = closing._state

    def late(*args):
        with world.core.sessions.begin() as session:
            here = "(SELECT oid FROM pg_database WHERE datname = current_database())"  # locks of all are listed
            held = f"FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND database = {here}"
            session.execute(text(f"SELECT pg_terminate_backend(pid) {held}"), {"lock": CLOSES & 0xFFFFFFFF})
        withdraw(world.core, account_id=mine.account_id, reference=mine.reference)
        broken_off("d1")  # by another process, over one request
        return real(*args)

    with monkeypatch.context() as until:
        until.setattr(closing, "_state", late)
        with pytest.raises(OperationalError):
            draws.close(world.core, "d1")

    with world.session() as session:
        assert found(session, "d1").state is DrawState.OPEN
    draws.close(world.core, "d1")
    assert draws.run(world.core, "d1").state is DrawState.DRAWN
    with world.session() as session:
        assert len(session.scalars(select(DrawEntry)).all()) == 1
        begun_at = session.scalars(select(AuditEntry.at).where(AuditEntry.action == "draw.closing")).all()
    assert len(begun_at) == len(["ours", "the other one", "the last one"])
