"""The statements that make a draw's result of `drawn_outcome`, what the draw decided about each leaf."""

from typing import Final

from sqlalchemy import TextClause, text

from booking.draws.followers import OF_LINE

OUTCOME: Final = text(
    """
    CREATE TEMPORARY TABLE drawn_outcome (
        leaf_index integer PRIMARY KEY, position integer, rank smallint, base bytea, reference text, pool text,
        slots bigint[], units integer[], explanation jsonb
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE drawn_waiting (
        leaf_index integer PRIMARY KEY, request_id uuid, appointment_id uuid DEFAULT gen_random_uuid()
    ) ON COMMIT DROP
    """
)
COLUMNS: Final = ("leaf_index", "position", "rank", "base", "reference", "pool", "slots", "units", "explanation")
"""Of the outcome: places and a reference for an appointment only where the leaf is served."""
LOCK_WAITING: Final = text(
    """
    INSERT INTO drawn_waiting (leaf_index, request_id)
    SELECT entry.leaf_index, request.id
    FROM draw_entry entry JOIN request ON request.id = entry.request_id
    WHERE entry.draw_id = :draw AND request.draw_id = :draw AND request.state IN ('accepted', 'carried_over')
    ORDER BY request.id
    FOR NO KEY UPDATE OF request
    """
)
"""Requests that still wait, locked in the order of their keys."""
OTHERS: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM drawn_waiting waiting JOIN drawn_outcome outcome USING (leaf_index)
        JOIN request ON request.id = waiting.request_id
        WHERE request.nonce <> outcome.base
    )
    """
)
WANTED: Final = text(
    """
    CREATE TEMPORARY TABLE drawn_wanted ON COMMIT DROP AS
    SELECT seat.slot_id, outcome.pool, sum(seat.units)::integer AS units
    FROM drawn_waiting JOIN drawn_outcome outcome USING (leaf_index)
    CROSS JOIN LATERAL unnest(outcome.slots, outcome.units) AS seat(slot_id, units)
    GROUP BY seat.slot_id, outcome.pool
    """
)
LOCK_SLOTS: Final = text(
    """
    SELECT FROM slot_pool JOIN drawn_wanted USING (slot_id, pool) ORDER BY slot_id, pool FOR UPDATE OF slot_pool
    """
)
TAKE_PLACES: Final = text(
    """
    UPDATE slot_pool SET taken = taken + wanted.units FROM drawn_wanted wanted
    WHERE slot_pool.slot_id = wanted.slot_id AND slot_pool.pool = wanted.pool
      AND slot_pool.taken + wanted.units <= slot_pool.places
    """
)
APPOINTMENTS: Final = text(
    """
    INSERT INTO appointment
        (id, reference, request_id, office_id, draw_id, state, starts_at, ends_at, confirm_by, created_at)
    SELECT waiting.appointment_id, outcome.reference, waiting.request_id, first.office_id, :draw, 'offered',
           first.starts_at, last.ends_at, least(:now + :within, first.starts_at - :latest), :now
    FROM drawn_waiting waiting JOIN drawn_outcome outcome USING (leaf_index)
    JOIN slot first ON first.id = outcome.slots[1]
    JOIN slot last ON last.id = outcome.slots[cardinality(outcome.slots)]
    WHERE leaf_index BETWEEN :first AND :last
    """
)
PLACES: Final = text(
    """
    INSERT INTO appointment_places (appointment_id, slot_id, pool, places)
    SELECT waiting.appointment_id, seat.slot_id, outcome.pool, seat.units
    FROM drawn_waiting waiting JOIN drawn_outcome outcome USING (leaf_index)
    CROSS JOIN LATERAL unnest(outcome.slots, outcome.units) AS seat(slot_id, units)
    WHERE leaf_index BETWEEN :first AND :last
    """
)
ENTRIES: Final = text(
    """
    UPDATE draw_entry
    SET position = outcome.position, served = outcome.slots IS NOT NULL, rank = outcome.rank,
        explanation = outcome.explanation
    FROM drawn_outcome outcome
    WHERE draw_entry.draw_id = :draw AND draw_entry.leaf_index BETWEEN :first AND :last
      AND outcome.leaf_index = draw_entry.leaf_index AND outcome.leaf_index BETWEEN :first AND :last
    """
)
MOVE: Final = text(
    f"""
    UPDATE request
    SET state = CASE WHEN waiting.request_id IS NULL THEN state
                     WHEN outcome.slots IS NULL THEN 'carried_over' ELSE 'drawn' END,
        lost_draws = lost_draws + lost.is_lost, resting_draws = resting_draws * (1 - lost.is_lost),
        lasting_draws = lasting_draws
            + CASE WHEN outcome.explanation @> '{{"fits": false}}' THEN 0 ELSE lost.is_lost END
    FROM ({OF_LINE}) follower JOIN drawn_outcome outcome ON outcome.leaf_index = follower.row
    CROSS JOIN LATERAL (SELECT CASE WHEN outcome.slots IS NULL THEN 1 ELSE 0 END AS is_lost) lost
    LEFT JOIN drawn_waiting waiting USING (leaf_index)
    WHERE request.id = follower.request_id
      AND request.link_draw = :reference AND request.link_list = 'line' AND request.link_row = outcome.leaf_index
      AND (outcome.slots IS NULL OR waiting.request_id = request.id)
    """  # noqa: S608 - of constants
)
"""The same moves as ``Request.move_to`` (people stay in a live request), and the draw that is lost by all whom its plan
does not serve, whatever became of their request meanwhile."""
MOVE_FORMAT_1: Final = text(
    """
    UPDATE request SET state = CASE WHEN outcome.slots IS NULL THEN 'carried_over' ELSE 'drawn' END
    FROM drawn_outcome outcome JOIN drawn_waiting waiting USING (leaf_index)
    WHERE outcome.leaf_index BETWEEN :first AND :last AND request.id = waiting.request_id
    """
)
"""Draws of format 1 have no rows that a turn could follow from."""
_TELL: Final = """
    INSERT INTO message (id, account_id, kind, values, created_at)
    SELECT gen_random_uuid(), request.account_id, {kind},
           jsonb_build_object('reference', {names}, 'draw', CAST(:reference AS text)), {at}
    FROM drawn_waiting waiting JOIN drawn_outcome outcome USING (leaf_index)
    JOIN request ON request.id = waiting.request_id
    WHERE leaf_index BETWEEN :first AND :last AND outcome.slots IS {served}
    """


def _tell(kind: str, names: str, served: str, at: str) -> TextClause:
    return text(_TELL.format(kind=kind, names=names, served=served, at=at))


TELL_DRAWN: Final = _tell("'request_drawn'", "outcome.reference", "NOT NULL", ":now")
TELL_CARRIED: Final = _tell("'request_carried_over'", "request.reference", "NULL", ":now + interval '1 microsecond'")
"""A notice for everyone who waited: of the place that they have, or that they wait on. Who has a place is told first:
they have to confirm it in time, and a slow gateway takes hours for a nation."""
