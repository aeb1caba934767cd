"""A stated result that is not given out yet: who has the database cannot change it, and everyone sees how far it is."""

from unittest.mock import Mock

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.platform.models.states import DrawState
from booking.scheduling.draws import apply, drawing
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.announce import list_past_the_log
from booking.scheduling.draws.errors import ShortSliceError
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.progress import GivenOut, find_given_out
from tests.support.roles import past_the_roles


@pytest.fixture
def stated(world, office, monkeypatch):
    """A draw of three requests for two places whose result is stated, before any of it is given out."""
    office(2)
    for _ in range(3):
        world.ask("a")
    world.closed()
    with monkeypatch.context() as until:
        until.setattr(drawing, "apply", Mock(side_effect=LookupError))
        with pytest.raises(LookupError):
            draws.run(world.core, "d1")
    return world


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE draw_outcome SET slots = NULL, units = NULL WHERE row = 0",
        "UPDATE draw_outcome SET leaf_index = 2 - leaf_index",
        "INSERT INTO draw_outcome SELECT (jsonb_populate_record(one, '{\"row\": 9}')).* FROM draw_outcome one",
    ],
)
def test_what_a_draw_decided_is_not_changed_before_it_is_given_out(stated, change):
    with pytest.raises(DBAPIError, match="decided"), stated.core.sessions.begin() as session:
        session.execute(text(change))

    assert draws.run(stated.core, "d1").state is DrawState.DRAWN


def test_a_draw_is_not_drawn_before_everyone_in_it_has_what_it_decided(stated):
    with stated.core.sessions.begin() as session:
        taken = session.execute(text("DELETE FROM draw_outcome WHERE row = 1 RETURNING *")).mappings().one()

    with pytest.raises(DBAPIError, match="everyone"):
        draws.run(stated.core, "d1")

    with stated.session() as session:
        assert session.scalar(text("SELECT state FROM draw")) == DrawState.CLOSED
        assert taken["leaf_index"] == session.scalar(text("SELECT leaf_index FROM draw_entry WHERE position IS NULL"))


def test_a_draw_is_called_neither_drawn_nor_published_over_what_it_decided(stated):
    drawn = "UPDATE draw SET state = 'drawn'"
    published = "UPDATE draw SET state = 'published', seed = decode(repeat('00', 32), 'hex')"
    for change in (drawn, published):
        with pytest.raises(DBAPIError, match="everyone"), stated.core.sessions.begin() as session:
            session.execute(text(change))


def test_a_draw_that_is_in_the_log_is_never_one_of_format_1(stated):
    """Which needs no log: neither Mawid's own role can make it one, nor does a superuser who does get further."""
    change = text("UPDATE draw SET format = 1")
    new = text(
        "INSERT INTO draw SELECT (jsonb_populate_record(one, jsonb_build_object('reference', 'd2', 'format', 1,"
        " 'id', gen_random_uuid()))).* FROM draw one"
    )
    for statement in (change, new, text("UPDATE draw SET format = 3")):
        with pytest.raises(DBAPIError, match="earlier format"), stated.core.sessions.begin() as session:
            session.execute(statement)
    with past_the_roles(stated.core) as mighty:
        mighty.execute(text("SET session_replication_role = replica"))
        mighty.execute(change)
    for step in (draws.run, draws.publish):
        with pytest.raises(DamagedFileError, match="format 1"):
            step(stated.core, "d1")
    assert list_past_the_log(stated.core) == ["d1"]


LOSE = """
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER lose BEFORE UPDATE ON request FOR EACH ROW EXECUTE FUNCTION lose()
"""


@pytest.mark.parametrize("lost", ["DELETE FROM draw_entry WHERE leaf_index = 0", LOSE])
def test_a_slice_of_which_rows_are_missing_is_rolled_back_and_said(stated, lost):
    with past_the_roles(stated.core) as mighty:
        mighty.execute(text("SET session_replication_role = replica"))
        mighty.connection().connection.driver_connection.execute(lost)
    with pytest.raises(ShortSliceError, match="0 rows of 1"):
        draws.run(stated.core, "d1")
    with stated.session() as session:
        left = session.scalar(text("SELECT count(*) FROM draw_outcome"))
        given = session.scalar(text("SELECT count(*) FROM message"))
    assert left + given == 3
    assert left > 0


def test_what_a_row_of_a_draw_or_a_notice_names_is_there_and_stays(stated):
    another = text(
        "INSERT INTO draw SELECT (jsonb_populate_record(one, jsonb_build_object('reference', 'd2', 'id',"
        " gen_random_uuid()))).* FROM draw one"
    )
    nowhere = text(
        "INSERT INTO office SELECT (jsonb_populate_record(one, jsonb_build_object('code', 'nowhere', 'id', 9999))).*"
        " FROM office one LIMIT 1"
    )
    refused = {
        "INSERT INTO message (id, account_id, kind, values, created_at)"
        " SELECT id, id, 'request_drawn', '{}', now() FROM draw": "no such account",
        "INSERT INTO draw_turn (draw_id, row, request_id, receipt, reason, priority, gained, credited)"
        " SELECT id, 0, id, receipt, 'register', 0, 0, 0 FROM request": "no such draw",
        "UPDATE draw_entry SET draw_id = gen_random_uuid()": "it stays",
        "DELETE FROM draw WHERE reference = 'd2'": "it stays",
        "INSERT INTO draw_entry SELECT (jsonb_populate_record(one, jsonb_build_object('leaf_index', 99, 'request_id',"
        " gen_random_uuid()))).* FROM draw_entry one LIMIT 1": "no such request",
        "UPDATE draw_entry SET request_id = gen_random_uuid()": "it stays",
        "UPDATE request SET draw_id = gen_random_uuid()": "no such draw",
        "INSERT INTO appointment (id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by,"
        " created_at) SELECT gen_random_uuid(), 'X', gen_random_uuid(), id, 'offered', now(), now(), now(), now()"
        " FROM office LIMIT 1": "no such request, office",
        "INSERT INTO appointment_places SELECT gen_random_uuid(), min(id), 'draw', 1 FROM slot": "no such appointment",
        "DELETE FROM office WHERE code = 'nowhere'": "it stays",
        "INSERT INTO person_key (key, member_id) VALUES (1, -1)": "no such record",
    }
    with past_the_roles(stated.core) as mighty:
        mighty.execute(another)
        mighty.execute(nowhere)
        for change, why in refused.items():
            with pytest.raises(IntegrityError, match=why), mighty.begin_nested():
                mighty.execute(text(change))


def test_everyone_sees_how_many_have_their_result(stated, monkeypatch):
    monkeypatch.setattr(apply, "_AT_ONCE", 1)
    draw, seen = draws_found(stated), []
    real = apply._give_out

    def give_out(*args):
        real(*args)
        seen.append(find_given_out(stated.core, draw))

    assert find_given_out(stated.core, draw) == GivenOut(0, 3)
    monkeypatch.setattr(apply, "_give_out", give_out)
    monkeypatch.setattr("booking.scheduling.draws.beside.BESIDE", 1)
    draws.run(stated.core, "d1")

    assert seen == [GivenOut(done, 3) for done in (1, 2, 3)]
    assert find_given_out(stated.core, draws_found(stated)) is None


def draws_found(world):
    with world.session() as session:
        return drawing.found(session, "d1")
