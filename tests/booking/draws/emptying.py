"""One country after the other, for the examples of a test."""

from sqlalchemy import text

from tests.booking.draws.world import NOW, World
from tests.roles import past_the_roles


def empty(world: World) -> None:
    """Make it a new country at its first hour."""
    with past_the_roles(world.core) as session:
        # without the triggers that keep labels, decisions and the log as they were
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("TRUNCATE draw, draw_outcome, request, slot, office, person, account, message CASCADE"))
        session.execute(text("TRUNCATE log_pending, log_entry, log_tile, log_checkpoint CASCADE"))
    world.offices.clear()
    world.clock.set(NOW)
