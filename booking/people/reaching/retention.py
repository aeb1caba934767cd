"""How long a record stays of who got a notice and what a phone asked for: only as long as somebody may ask."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Delete, delete, select

from booking.country.core.core import Core
from booking.platform.base.message_states import MessageState
from booking.platform.models import Delivery, IncomingMessage, Message

BATCH: Final = 5_000
"""Rows of one transaction: what is read or written meanwhile waits for none that takes long."""


def remove_old_traces(core: Core) -> int:
    """Remove tries of notices and received commands older than the settings say; return how many.

    Tries of a notice that still waits stay with it.
    """
    before = core.clock.now() - core.settings.reaching_kept
    return sum(_in_batches(core, one, before) for one in (_tries, _commands))


def _in_batches(core: Core, statement: Callable[[datetime], Delete], before: datetime) -> int:
    removed = 0
    while True:
        with core.sessions.begin() as session:
            done: int = session.execute(statement(before)).rowcount  # type: ignore[attr-defined]
        removed += done
        if done < BATCH:
            return removed


def _tries(before: datetime) -> Delete:
    old = (
        select(Delivery.id)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.at < before, Message.state != MessageState.WAITING)
        .order_by(Delivery.id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return delete(Delivery).where(Delivery.id.in_(old))


def _commands(before: datetime) -> Delete:
    old = (
        select(IncomingMessage.id)
        .where(IncomingMessage.received_at < before)
        .limit(BATCH)
        .with_for_update(of=IncomingMessage, skip_locked=True)
    )
    return delete(IncomingMessage).where(IncomingMessage.id.in_(old))
