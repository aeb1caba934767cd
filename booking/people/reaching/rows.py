"""Notices written back by the hundred: one statement for all, whatever became of each."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, String, Uuid, select, text
from sqlalchemy.orm import Session

from booking.platform.base.arrays import any_of
from booking.platform.base.message_states import MessageState
from booking.platform.base.written_arrays import array_of
from booking.platform.models import Message

_WRITE_BACK: Final = text(
    """
    UPDATE message
    SET state = now.state, tries = now.tries, next_at = now.next_at, sent_at = now.sent_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:tries AS smallint[]),
                CAST(:next_at AS timestamptz[]), CAST(:sent_at AS timestamptz[]))
         AS now(id, state, tries, next_at, sent_at)
    WHERE message.id = now.id
    """
)
_IDS: Final = array_of(Uuid())
_WORDS: Final = array_of(String())
_NUMBERS: Final = array_of(SmallInteger())
_INSTANTS: Final = array_of(DateTime())


def write_back(session: Session, messages: Sequence[Message]) -> None:
    """Write what became of notices that no session holds, and whose rows the caller has locked."""
    if messages:
        values = {
            "ids": _IDS([one.id for one in messages]),
            "states": _WORDS([one.state.value for one in messages]),
            "tries": _NUMBERS([one.tries for one in messages]),
            "next_at": _INSTANTS([one.next_at for one in messages]),
            "sent_at": _INSTANTS([one.sent_at for one in messages]),
        }
        session.execute(_WRITE_BACK, values)


def lock_waiting(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Lock the notices that still wait, in one order; return which these are.

    Who was slow finds those settled that another process took for a dead one's, and leaves them so.
    """
    waiting = Message.id == any_of(ids, Uuid), Message.state == MessageState.WAITING
    return set(session.scalars(select(Message.id).where(*waiting).order_by(Message.id).with_for_update()))
