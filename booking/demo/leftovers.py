"""What the worker of a living site would have done meanwhile."""

from typing import Final

from sqlalchemy import text

from booking.core import Core
from booking.services.deliver import deliver_waiting

_DROP_DONE: Final = """
    DELETE FROM procrastinate_jobs
    WHERE task_name = 'deliver' AND status = 'todo'
      AND (args->>'message_id')::uuid IN (SELECT id FROM message WHERE sent_at IS NOT NULL)
"""


def send_notices(core: Core) -> int:
    """Send all notices of the play to the outbox, many at a time; return how many.

    The jobs that would have sent the urgent ones one by one find nothing to do any more. They are dropped, or the
    worker would be busy with thousands of them when the first visitor comes.
    """
    sent = deliver_waiting(core)
    with core.sessions.begin() as session:
        session.execute(text(_DROP_DONE))
    return sent
