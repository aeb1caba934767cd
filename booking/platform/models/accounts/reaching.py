"""How an account wants to be reached, and what its phone sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.base.message_states import Channel, Command
from booking.platform.models.base import Base, Key, Word


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
    groups of notices, and only those that nobody needs (`booking.people.reaching.templates.SILENCEABLE`).
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
