"""Messages to people: written with the change they tell of, sent by a job."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models.base import Base, Json, Key, Word, held_by_triggers

_WAITING: Final = text("state = 'waiting'")
_DUE: Final = text("GREATEST(created_at, not_before, next_at)")


class Message(Base):
    """A notice to an account. ``values`` fill the template ``kind`` in the account's language at sending time.

    A code is personal, so ``secret`` holds it encrypted and it never stands in ``values``. The notice is not sent
    before ``not_before``: what may still be undone is not sent yet. It goes by ``channel`` alone, where one is named,
    and to ``phone_ciphertext`` instead of the account's own phone, where it is about a phone that it will have or had.

    ``state`` is waiting until it is sent, silenced by its reader, too late to be of use, or dead: no channel took it.
    ``tries`` are those used up of its channels, in their order; the next is not before ``next_at``.
    """

    __tablename__ = "message"
    __table_args__ = (
        held_by_triggers("account_id", "account.id"),
        Index("ix_message_waiting", _DUE, "created_at", "id", postgresql_where=_WAITING),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_its_time"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(40))
    values: Mapped[Json]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[Channel | None] = mapped_column(Word(Channel))
    phone_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[MessageState] = mapped_column(
        Word(MessageState), default=MessageState.WAITING, server_default=MessageState.WAITING.value
    )
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


DUE: Final = func.greatest(Message.created_at, Message.not_before, Message.next_at)
"""When a waiting notice may be sent, as its index has it: who looks for these passes none that waits for a morning."""


class Delivery(Base):
    """One try to send a notice by one channel, and what came of it; nothing of what it said or who got it."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_at", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    channel: Mapped[Channel] = mapped_column(Word(Channel))
    outcome: Mapped[TryOutcome] = mapped_column(Word(TryOutcome))
    at: Mapped[datetime]
    milliseconds: Mapped[int]
