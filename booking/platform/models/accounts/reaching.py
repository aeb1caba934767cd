"""How an account is reached: channels, notices and their deliveries, calendar feeds, copies of its data."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.base.message_states import Channel, Command, MessageState, TryOutcome
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


class ContactChannel(Base):
    """One more way to an account, beside its phone; used once the code that was sent there came back.

    The address is encrypted.
    """

    __tablename__ = "contact_channel"
    __table_args__ = (UniqueConstraint("account_id", "kind"),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[Channel] = mapped_column(Word(Channel))
    address_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class NoticeChoice(Base):
    """What an account chose about notices; without a row the defaults hold.

    Quiet hours run from one full hour to another in ``time_zone``; the same hour twice means none. ``silenced`` are
    groups of notices, and only those that nobody needs (`booking.people.reaching.notice_text.SILENCEABLE`).
    """

    __tablename__ = "notice_choice"
    __table_args__ = (
        CheckConstraint("quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23", name="hours"),
        CheckConstraint("silenced <@ ARRAY['reminders', 'tips']::varchar[]", name="silenced_are_dispensable"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    first: Mapped[Channel] = mapped_column(Word(Channel))
    silenced: Mapped[list[str]] = mapped_column(ARRAY(String(24)))
    quiet_from: Mapped[int] = mapped_column(SmallInteger)
    quiet_until: Mapped[int] = mapped_column(SmallInteger)
    time_zone: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]


class IncomingMessage(Base):
    """A text message that came from a phone: what it asked for and what was done, not what it said.

    ``provider_id`` names it at the provider, so that one that is passed on twice counts once. ``account_id`` is
    empty where no account, or none alone, was meant.
    """

    __tablename__ = "incoming_message"
    __table_args__ = (Index("ix_incoming_message_phone", "phone_hash", "received_at"),)

    id: Mapped[Key]
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    command: Mapped[Command] = mapped_column(Word(Command))
    reference: Mapped[str | None] = mapped_column(String(9))
    outcome: Mapped[str] = mapped_column(String(24))
    received_at: Mapped[datetime]


class FeedKind(StrEnum):
    """What a calendar shows: the account's own appointments, each party at its office, or its office hour by hour."""

    OWN = "own"
    COUNTER = "counter"
    OFFICE = "office"


class CalendarFeed(Base):
    """An address that was given out: whoever knows its random value, of which ``secret_hash`` is kept, may read.

    An account has at most one of a kind; another one takes its place. ``read_on`` is the last day on which somebody
    read from it (UTC). The row goes when the address is taken back, when its account chooses a new password, closes or
    gets other work, and when nobody has read for long.
    """

    __tablename__ = "calendar_feed"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[FeedKind] = mapped_column(Word(FeedKind), primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    read_on: Mapped[date | None]


class AccountCopy(Base):
    """One copy: asked for, made by a job, fetched once by the account's owner, removed.

    Its ``size`` bytes lie encrypted in ``parts`` files of the evidence folder. ``removed_at``: they are gone, and
    another copy can be asked for; an account has one at a time (partial unique index).
    """

    __tablename__ = "account_copy"
    __table_args__ = (
        Index("uq_account_copy_kept", "account_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        CheckConstraint("(made_at IS NULL) = (parts = 0) AND parts >= 0 AND size >= 0", name="made"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    language: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    parts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    size: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    fetched_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
