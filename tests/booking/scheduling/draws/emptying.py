"""One country after the other, for the examples of a test."""

from sqlalchemy import text

from tests.booking.scheduling.draws.world import NOW, World
from tests.support.roles import past_the_roles

EMPTY = text(
    """
    DO $$
    DECLARE one regclass;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR one IN
            WITH RECURSIVE emptied AS (
                SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN (
                    'draw', 'draw_outcome', 'draw_entry', 'draw_turn', 'request', 'appointment', 'appointment_places',
                    'slot', 'office', 'person', 'account', 'message',
                    'log_pending', 'log_entry', 'log_tile', 'log_checkpoint'
                )
                UNION SELECT conrelid FROM pg_constraint JOIN emptied ON confrelid = emptied.oid AND contype = 'f'
            )
            SELECT oid FROM emptied
        LOOP
            EXECUTE 'DELETE FROM ' || one;
        END LOOP;
    END $$
    """
)
"""Without the triggers that keep labels, decisions and the log as they were.

Row by row: new files for a hundred tables and their indexes, as TRUNCATE makes them, take far longer than the few rows.
"""


def empty(world: World) -> None:
    """Make it a new country at its first hour."""
    with past_the_roles(world.core) as session:
        session.execute(EMPTY)
    world.offices.clear()
    world.clock.set(NOW)
