"""A copy of the log as a witness keeps it, and the log of a backup from before."""

from sqlalchemy import text

from booking.platform.models import LogHold
from booking.transparency.log.log import sequence
from booking.transparency.log.tiles import TilePath
from booking.transparency.log.views import bundle, checkpoint_text
from tests.support.roles import past_the_roles


def keep_copy(core, mirror):
    size = sequence(core).size
    for number in range(-(-size // 256)):
        path = TilePath(0, number, min(256, size - number * 256)).path
        (mirror / "tile/entries" / path).parent.mkdir(parents=True, exist_ok=True)
        (mirror / "tile/entries" / path).write_bytes(bundle(core, path))
    (mirror / "checkpoint").write_text(checkpoint_text(core), encoding="utf-8")


def as_in_a_backup(core, size):
    """Leave so many entries, unsigned."""
    with past_the_roles(core) as session:
        session.execute(text("SET session_replication_role = replica"))
        session.execute(text("DELETE FROM log_checkpoint"))
        session.execute(text("DELETE FROM log_tile"))
        session.execute(text("DELETE FROM log_entry WHERE index >= :size"), {"size": size})


def hold(core):
    """Let nothing be added until the log is recovered, as `mawid restore` does."""
    with core.sessions.begin() as session:
        session.add(LogHold(since=core.clock.now()))
