"""Let requests into the line of a draw: their rows in it, and each bound to its own, in one transaction."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.platform.base.copied import NULL, copy_lines
from booking.platform.models import Draw
from booking.scheduling.draws.freeze import Participant
from booking.scheduling.draws.turns import link_cells

_ROW: Final = (
    *("leaf_index", "request_id", "person_draw_id", "priority", "link_draw", "link_list", "link_row"),
    *("gained", "credited", "lasting"),
)
_NO_TURN: Final = "\t".join([NULL] * 3)
_TABLE: Final = text(
    """
    CREATE TEMPORARY TABLE entering (
        leaf_index integer, request_id uuid, person_draw_id bytea, priority smallint, link_draw text, link_list text,
        link_row integer, gained smallint, credited smallint, lasting smallint
    ) ON COMMIT DROP
    """
)
_BIND: Final = text(
    """
    UPDATE request
    SET draw_id = :draw, link_draw = :reference, link_list = 'line', link_row = leaf.leaf_index,
        lost_draws = lost_draws + coalesce(leaf.gained, 0), lasting_draws = lasting_draws + coalesce(leaf.lasting, 0),
        resting_draws = CASE WHEN leaf.gained IS NULL THEN resting_draws ELSE 0 END,
        owed_turns = owed_turns - coalesce(leaf.credited, 0)
    FROM (SELECT * FROM entering ORDER BY request_id OFFSET 0) leaf
    WHERE request.id = ANY (ARRAY(SELECT request_id FROM entering)) AND request.id = leaf.request_id
    """
)
"""Each is found by its key, and locked by its update alone, in the order of their keys; who would lock two of them in
another order is undone by the database and tried again, as this is."""
_ENTER: Final = text(
    """
    INSERT INTO draw_entry (
        draw_id, request_id, leaf_index, person_draw_id, priority, link_draw, link_list, link_row, explanation
    )
    SELECT :draw, request_id, leaf_index, person_draw_id, priority, link_draw, link_list, link_row, '{}'
    FROM entering ORDER BY leaf_index
    """
)


def enter(session: Session, draw: Draw, first: int, entrants: Sequence[Participant]) -> None:
    """Write who takes part, a run of the line from its leaf ``first`` on; their turns follow from these rows.

    The turns that the draw put on record beside the line are there already
    (`booking.scheduling.draws.turns.add_turns`).
    """
    session.execute(_TABLE)
    copy_lines(session, "entering", _ROW, _lines(first, entrants))
    session.execute(_BIND, {"draw": draw.id, "reference": draw.reference})
    session.execute(_ENTER, {"draw": draw.id})


def _lines(first: int, entrants: Sequence[Participant]) -> Iterator[str]:
    for leaf, each in enumerate(entrants, first):
        written, turn = each.written, each.turn
        changes = f"{turn.gained}\t{turn.credited}\t{turn.lasting}" if turn else _NO_TURN
        yield (
            f"{leaf}\t{each.request_id.hex}\t\\\\x{written.person.hex()}\t{written.priority}\t{link_cells(each.link)}\t"
            f"{changes}\n"
        )
