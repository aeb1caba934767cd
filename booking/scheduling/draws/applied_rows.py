"""The statements that state a draw's result and give it out, from `draw_outcome`: what it decided about each leaf."""

from typing import Final

from sqlalchemy import TextClause, text

from booking.scheduling.draws.turns import ASKED_AGAIN

COLUMNS: Final = (
    *("draw_id", "row", "leaf_index", "position", "rank", "base"),
    *("reference", "pool", "slots", "units", "explanation"),
)
"""Of the outcome: places and a reference for an appointment only where the leaf is served."""
OTHERS: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM draw_outcome outcome JOIN draw_entry entry USING (draw_id, leaf_index)
        JOIN request ON request.id = entry.request_id
        WHERE outcome.draw_id = :draw AND request.draw_id = :draw AND request.state IN ('accepted', 'carried_over')
          AND request.nonce <> outcome.base
    )
    """
)
_SEATS: Final = """
    SELECT seat.slot_id, outcome.pool, sum(seat.units)::integer AS units
    FROM {outcome} outcome CROSS JOIN LATERAL unnest(outcome.slots, outcome.units) AS seat(slot_id, units)
    WHERE {which} GROUP BY seat.slot_id, outcome.pool
    """
WANTED_TABLE: Final = text(
    "CREATE TEMPORARY TABLE drawn_wanted (slot_id bigint, pool text, units integer) ON COMMIT DROP"
)
COUNT_WANTED: Final = text(
    "INSERT INTO drawn_wanted" + _SEATS.format(outcome="draw_outcome", which="outcome.draw_id = :draw")
)
LOCK_WANTED: Final = text(
    """
    SELECT FROM slot_pool JOIN drawn_wanted USING (slot_id, pool) ORDER BY slot_id, pool FOR UPDATE OF slot_pool
    """
)
TAKE_WANTED: Final = text(
    """
    UPDATE slot_pool SET taken = taken + wanted.units FROM drawn_wanted wanted
    WHERE slot_pool.slot_id = wanted.slot_id AND slot_pool.pool = wanted.pool
      AND slot_pool.taken + wanted.units <= slot_pool.places
    """
)

TABLE: Final = text(
    """
    CREATE TEMPORARY TABLE drawn (
        leaf_index integer, reference text, pool text, slots bigint[], units integer[], lasting integer,
        request_id uuid, request_row tid, account_id uuid, asked text, waits boolean, follows boolean,
        appointment_id uuid DEFAULT gen_random_uuid()
    ) ON COMMIT DROP
    """
)
TAKE: Final = text(
    """
    WITH taken AS (
        DELETE FROM draw_outcome WHERE draw_id = :draw AND row BETWEEN :first AND :last RETURNING *
    ), entered AS (
        UPDATE draw_entry
        SET position = taken.position, served = taken.slots IS NOT NULL, rank = taken.rank,
            explanation = taken.explanation
        FROM taken
        WHERE draw_entry.draw_id = :draw AND draw_entry.leaf_index = taken.leaf_index
          AND draw_entry.leaf_index BETWEEN (SELECT min(leaf_index) FROM taken) AND (SELECT max(leaf_index) FROM taken)
        RETURNING draw_entry.request_id, taken.*
    ), put AS (
        INSERT INTO drawn (
            leaf_index, reference, pool, slots, units, lasting,
            request_id, request_row, account_id, asked, waits, follows
        )
        SELECT leaf.leaf_index, leaf.reference, leaf.pool, leaf.slots, leaf.units,
               CASE WHEN leaf.slots IS NULL AND NOT leaf.explanation @> '{"fits": false}' THEN 1 ELSE 0 END,
               request.id, request.ctid, request.account_id, request.reference, request.waits,
               coalesce((link_draw, link_list, link_row) = (:reference, 'line', leaf.leaf_index), false)
        FROM (SELECT * FROM entered ORDER BY request_id OFFSET 0) leaf
        CROSS JOIN LATERAL (
            SELECT id, ctid, account_id, reference, link_draw, link_list, link_row,
                   draw_id IS NOT DISTINCT FROM :draw AND state IN ('accepted', 'carried_over') AS waits
            FROM request WHERE id = leaf.request_id FOR NO KEY UPDATE
        ) request
        RETURNING leaf_index
    )
    SELECT (SELECT count(*) FROM taken) AS leaves, (SELECT count(*) FROM put) AS put
    """
)
"""What was decided about some leaves is taken out once, and told by their entries: who comes to the same ones meanwhile
waits and finds none. The leaves of a run lie close together, so that a range of the index finds their entries.

Their requests are locked in the order of their keys, each found by its own; ``request_row``: where it lies, which
nobody can change as long as it is locked. ``asked``: the name of a request; ``waits``: it still does; ``follows``: its
turn follows from the leaf; ``lasting``: 1 where that loses a draw in which something fitted.
"""
READ: Final = text("ANALYZE drawn (request_id, slots, waits)")
USED_REFERENCES: Final = text(
    "SELECT reference FROM appointment WHERE reference = ANY (ARRAY(SELECT reference FROM drawn WHERE slots <> '{}'))"
)
RENEW_REFERENCE: Final = text("UPDATE drawn SET reference = :new WHERE reference = :old")
COUNT_WAITING: Final = text(
    """
    SELECT count(*) FILTER (WHERE waits) AS waiting, count(*) FILTER (WHERE waits AND slots IS NOT NULL) AS served,
           count(*) FILTER (WHERE waits OR follows AND slots IS NULL) AS moved
    FROM drawn
    """
)
"""``moved``: whoever waits is moved, and whoever lost the draw, where their turn follows from it."""
APPOINTMENTS: Final = text(
    """
    INSERT INTO appointment
        (id, reference, request_id, office_id, draw_id, state, starts_at, ends_at, confirm_by, created_at)
    SELECT drawn.appointment_id, drawn.reference, drawn.request_id, first.office_id, :draw, 'offered',
           first.starts_at, last.ends_at, least(:now + :within, first.starts_at - :latest), :now
    FROM drawn
    JOIN slot first ON first.id = drawn.slots[1]
    JOIN slot last ON last.id = drawn.slots[cardinality(drawn.slots)]
    WHERE drawn.waits
    """
)
PLACES: Final = text(
    """
    INSERT INTO appointment_places (appointment_id, slot_id, pool, places)
    SELECT drawn.appointment_id, seat.slot_id, drawn.pool, seat.units
    FROM drawn CROSS JOIN LATERAL unnest(drawn.slots, drawn.units) AS seat(slot_id, units)
    WHERE drawn.waits
    """
)
_TAKEN: Final = "request.ctid = ANY (ARRAY(SELECT request_row FROM drawn)) AND request.ctid = drawn.request_row"
"""Requests of the run, each read where it lies, in the order of the pages."""
_LOSE: Final = """
    lost_draws = lost_draws + CASE WHEN drawn.slots IS NULL THEN 1 ELSE 0 END,
    resting_draws = CASE WHEN drawn.slots IS NULL THEN 0 ELSE resting_draws END,
    lasting_draws = lasting_draws + drawn.lasting
    """
MOVE: Final = text(
    f"""
    UPDATE request
    SET state = CASE WHEN NOT drawn.waits THEN state WHEN drawn.slots IS NULL THEN 'carried_over' ELSE 'drawn' END,
        {_LOSE}
    FROM drawn WHERE {_TAKEN} AND drawn.follows AND (drawn.slots IS NULL OR drawn.waits)
    """  # noqa: S608 - of constants
)
"""The same moves as ``Request.move_to`` (people stay in a live request), and the draw that is lost by all whom its plan
does not serve, whatever became of their request meanwhile."""
LOSE_AGAIN: Final = text(
    f"""
    UPDATE request SET {_LOSE}
    FROM (SELECT DISTINCT row, request_id FROM ({ASKED_AGAIN}) asked) again
    JOIN drawn ON drawn.leaf_index = again.row
    WHERE request.id = again.request_id
      AND request.link_draw = :reference AND request.link_list = 'line' AND request.link_row = drawn.leaf_index
    """  # noqa: S608 - of constants
)
"""The same for whoever asked the same again, as a request of theirs is over."""
MOVE_FORMAT_1: Final = text(
    f"""
    UPDATE request SET state = CASE WHEN drawn.slots IS NULL THEN 'carried_over' ELSE 'drawn' END
    FROM drawn WHERE {_TAKEN} AND drawn.waits
    """  # noqa: S608 - of constants
)
"""Draws of format 1 have no rows that a turn could follow from."""
_TELL: Final = """
    INSERT INTO message (id, account_id, kind, values, created_at)
    SELECT gen_random_uuid(), drawn.account_id, {kind},
           jsonb_build_object('reference', {names}, 'draw', CAST(:reference AS text)), {at}
    FROM drawn WHERE drawn.waits AND drawn.slots IS {served}
    """


def _tell(kind: str, names: str, served: str, at: str) -> TextClause:
    return text(_TELL.format(kind=kind, names=names, served=served, at=at))


TELL_DRAWN: Final = _tell("'request_drawn'", "drawn.reference", "NOT NULL", ":now")
TELL_CARRIED: Final = _tell("'request_carried_over'", "drawn.asked", "NULL", ":now + interval '1 microsecond'")
"""A notice for everyone who waited: of the place that they have, or that they wait on. Who has a place is told first:
they have to confirm it in time, and a slow gateway takes hours for a nation."""
_LEFT: Final = f"drawn_left AS ({_SEATS.format(outcome='drawn', which='NOT outcome.waits')})"
LOCK_LEFT: Final = text(
    f"""
    WITH {_LEFT} SELECT FROM slot_pool JOIN drawn_left USING (slot_id, pool) ORDER BY slot_id, pool
    FOR UPDATE OF slot_pool
    """
)
FREE_LEFT: Final = text(
    f"""
    WITH {_LEFT}, freed AS (
        SELECT slot_id, pool, units, coalesce(
            local_day < (SELECT min(horizon_first) FROM draw WHERE state IN ('announced', 'open')), false
        ) AS is_late
        FROM drawn_left JOIN slot ON slot.id = slot_id
    ), free_again AS (
        UPDATE slot_pool
        SET taken = taken - freed.units, places = places - CASE WHEN is_late THEN freed.units ELSE 0 END
        FROM freed WHERE slot_pool.slot_id = freed.slot_id AND slot_pool.pool = freed.pool
    )
    INSERT INTO slot_pool (slot_id, pool, places, taken)
    SELECT slot_id, 'walk_in', sum(units), 0 FROM freed WHERE is_late GROUP BY slot_id ORDER BY slot_id
    ON CONFLICT (slot_id, pool) DO UPDATE SET places = slot_pool.places + excluded.places
    """  # noqa: S608 - of constants
)
"""The places of who waits no more are free for a later draw, as if they had declined: where none can reach the day any
more, for those who walk in (`booking.country.places.rows.give_back`)."""
