"""Accounts and the people they act for."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door

IS_STAFF: Final = text("account.roles <> '{citizen}'")
"""Of few accounts among millions: an index holds them."""


class Account(Base):
    """A login. Its phone is encrypted and found by keyed hash; ``username`` is stored casefolded.

    Ciphertext and hash are empty for a person without a phone (`booking.desk.counter.ask_for`).
    ``agency_code`` is whose online cases a caseworker handles. Nobody signs in to an account that was closed at
    ``closed_at``; an administrator may open it again, or where it was ``closed_by_owner``, its owner, until it is
    erased (`booking.desk.rights`): since ``erased_at`` nothing in it names anybody; ``erasure`` counts the steps done.
    Its password came by a code to the phone at ``password_reset_at``, if it ever did. An ``unclaimed`` one was opened
    for a person who was helped, and has no password until they take it over.
    """

    __tablename__ = "account"
    __table_args__ = (
        Index("ix_account_staff", "username", postgresql_where=text("roles <> '{citizen}'")),
        Index("ix_account_to_erase", "closed_at", postgresql_where=text("closed_by_owner AND erasure < 3")),
        CheckConstraint("NOT closed_by_owner OR closed_at IS NOT NULL", name="owner_closed"),
        CheckConstraint(
            "erasure BETWEEN 0 AND 3 AND (erased_at IS NULL) = (erasure = 0) AND (erasure = 0 OR closed_by_owner)",
            name="erased",
        ),
    )

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    phone_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    phone_confirmed_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(8))
    door: Mapped[Door] = mapped_column(Word(Door))
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(24)))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    agency_code: Mapped[str | None] = mapped_column(String(40))
    registered_helper: Mapped[bool] = mapped_column(default=False)
    unclaimed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_by_owner: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    erased_at: Mapped[datetime | None]
    erasure: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    password_reset_at: Mapped[datetime | None]

    household: Mapped[list["HouseholdMember"]] = relationship(back_populates="account", order_by="HouseholdMember.id")


class Person(Base):
    """Someone with a national number: the subject of every limit. The number is encrypted, found by keyed hash."""

    __tablename__ = "person"

    id: Mapped[Key]
    national_number_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    national_number_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    birth_date: Mapped[date]
    created_at: Mapped[datetime]


class HouseholdMember(Base):
    """A person whom an account acts for, under the name that this account typed.

    ``compared_at`` is when this record was compared with others that may be the same person; empty: not yet, or typed
    again since (`booking.antifraud.linking`).

    ``typed_birth_date`` is what this account said, like ``name``; the person's own is what a register agreed to, or
    what was typed first.

    ``level`` is how sure it is that this account may act for this person. From proven on, ``proved_by`` and
    ``proved_at`` say by what and since when, and ``grant_ciphertext`` keeps the register's grant, by which its facts
    are asked for.
    """

    __tablename__ = "household_member"
    __table_args__ = (
        UniqueConstraint("account_id", "person_id"),
        Index("ix_household_member_not_compared", "id", postgresql_where=text("compared_at IS NULL")),
        CheckConstraint(
            "(level IN ('proven', 'seen')) = (proved_by IS NOT NULL) AND (proved_by IS NULL) = (proved_at IS NULL)"
            " AND (proved_by IS NULL) = (grant_ciphertext IS NULL)",
            name="proof_is_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    relation: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    compared_at: Mapped[datetime | None]
    typed_birth_date: Mapped[date | None]
    level: Mapped[IdentityLevel] = mapped_column(
        Word(IdentityLevel), default=IdentityLevel.CLAIMED, server_default=IdentityLevel.CLAIMED.value
    )
    proved_by: Mapped[ProofKind | None] = mapped_column(Word(ProofKind))
    proved_at: Mapped[datetime | None]
    grant_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)

    account: Mapped[Account] = relationship(back_populates="household")
    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def birth_date(self) -> date:
        """The birth date as this account knows it: never one that only somebody else typed."""
        return self.typed_birth_date or self.person.birth_date

    @property
    def is_proven(self) -> bool:
        """Whether somebody showed that this account may act for the person."""
        return self.level.reaches(IdentityLevel.PROVEN)


class PhoneCode(Base):
    """A one-time code sent to an account's phone; only its keyed hash is kept."""

    __tablename__ = "phone_code"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(60), default="")
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
