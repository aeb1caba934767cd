"""Who people are at sign-in providers (OpenID Connect): colleagues at the organisation's, citizens at the state's."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base

LONGEST_SUBJECT: Final = 255
"""ASCII characters, as OpenID Connect Core 1.0 bounds it (section 2)."""


class ProviderSubject(Base):
    """The subject (``sub``) that the provider ``issuer`` gives a colleague, as an administrator entered it.

    Another provider's subjects may be the same words for other people, so the issuer counts too.
    """

    __tablename__ = "provider_subject"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    linked_at: Mapped[datetime]


class CitizenSubject(Base):
    """The subject that the state's provider ``issuer`` gives an account's owner, who linked it by signing in there.

    Apart from those of colleagues: what an owner links alone must never open the desk.
    """

    __tablename__ = "citizen_subject"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    linked_at: Mapped[datetime]


def is_subject(text: object) -> bool:
    """Return whether something may be a subject: printable ASCII, not too long."""
    return isinstance(text, str) and 0 < len(text) <= LONGEST_SUBJECT and text.isascii() and text.isprintable()
