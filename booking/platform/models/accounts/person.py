"""Accounts, the people they act for, how they sign in, and what waits when a phone or factor is lost."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    exists,
    or_,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door, checked_move

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


class SecondFactor(Base):
    """An account's authenticator (TOTP). The secret is encrypted; ``last_step`` is the newest time step accepted.

    Steps only grow, so a code counts once.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that signs in once without the authenticator; only its slow and keyed hash is kept.

    The codes of an account share a ``salt``; those without one are from before, hashed with the key alone.
    """

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key pair that an authenticator keeps for an account (WebAuthn); the public half is here.

    ``sign_count`` is the newest counter that it sent; some never count. It may not fall behind: since ``copied_at``,
    when it did, nothing that the key signs is believed. ``name`` is its owner's word for the device.
    """

    __tablename__ = "passkey"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    copied_at: Mapped[datetime | None]


def has_any(account_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that an account has an authenticator or a passkey, even one no longer trusted."""
    return or_(exists().where(SecondFactor.account_id == account_id), exists().where(Passkey.account_id == account_id))


class KnownDevice(Base):
    """A browser that holds a random value whose keyed hash is ``token_hash``; ``words`` are for the account's owner."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("account_id", "token_hash"),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    words: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]


class PhoneChange(Base):
    """A change of an account's phone; at most one of an account is open, neither done nor stopped.

    ``old_hash`` finds what the phone before did, for as long as the account is kept: its limits hold for the account on
    (`booking.people.accounts.known_devices`), the gate counts its history, and officers' own cases are seen by it.
    ``holds_at`` is when the change holds without the old phone, where its owner asked for that; until then whoever has
    the code of ``stop_hash``, which went to the old phone, can stop it.
    """

    __tablename__ = "phone_change"
    __table_args__ = (
        Index(
            "uq_phone_change_open",
            "account_id",
            unique=True,
            postgresql_where=text("done_at IS NULL AND stopped_at IS NULL"),
        ),
        Index("ix_phone_change_account_id", "account_id"),
        Index("uq_phone_change_stop_hash", "stop_hash", unique=True),
        Index("ix_phone_change_old_hash", "old_hash", postgresql_where=text("done_at IS NOT NULL")),
        CheckConstraint("done_at IS NULL OR stopped_at IS NULL", name="one_end"),
        CheckConstraint("(holds_at IS NULL) = (stop_hash IS NULL)", name="can_be_stopped"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    old_hash: Mapped[bytes] = mapped_column(LargeBinary)
    new_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    new_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    holds_at: Mapped[datetime | None]
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class LostFactor(Base):
    """An account whose owner said that the second factor is lost; from ``holds_at`` on it can be forgotten.

    ``decided_by`` is the officer who compared ``person_id``, its owner, with a document; then a job forgets the factor,
    and until ``holds_at`` whoever has the code of ``stop_hash``, which went to the phone, can stop it.
    """

    __tablename__ = "lost_factor"
    __table_args__ = (
        UniqueConstraint("stop_hash"),
        CheckConstraint(
            "(decided_by IS NULL) = (person_id IS NULL) AND (decided_by IS NULL) = (stop_hash IS NULL)",
            name="decided_whole",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    created_at: Mapped[datetime]
    holds_at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


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


class StaffPerson(Base):
    """The person whose staff account it is, as the register agreed. ``bound_by`` is empty for the command line."""

    __tablename__ = "staff_person"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    bound_at: Mapped[datetime]
    bound_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class StaffChangeKind(StrEnum):
    """What two administrators do together."""

    CREATE = "create"
    ROLES = "roles"
    PROVIDER = "provider"
    SECOND_FACTOR = "second_factor"
    OPEN = "open"
    PERSON = "person"


class StaffChangeState(StrEnum):
    """Where a proposed change of staff stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"


_S = StaffChangeState
STAFF_CHANGE_MOVES: Final[Mapping[StaffChangeState, frozenset[StaffChangeState]]] = {
    _S.PROPOSED: frozenset({_S.CONFIRMED, _S.REFUSED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.EXPIRED: frozenset(),
}


class StaffChange(Base):
    """A change of a colleague's account that waits for a second administrator until ``expires_at``.

    ``account_id`` is the colleague; of a new one it is empty until the change is confirmed. ``wanted`` are the sealed
    fields of the form, forgotten once the change is over. Triggers keep the rest as it was proposed and demand that
    another person confirms it. Life cycle: `STAFF_CHANGE_MOVES`.
    """

    __tablename__ = "staff_change"
    __table_args__ = (
        Index("ix_staff_change_waiting", "expires_at", postgresql_where=text("state = 'proposed'")),
        CheckConstraint(
            "(state IN ('confirmed', 'refused')) = (decided_by IS NOT NULL)"
            " AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint("(state = 'proposed') = (wanted IS NOT NULL)", name="forgotten_once_over"),
        CheckConstraint("kind = 'create' OR account_id IS NOT NULL", name="whose"),
    )

    id: Mapped[Key]
    kind: Mapped[StaffChangeKind] = mapped_column(Word(StaffChangeKind))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    wanted: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[StaffChangeState] = mapped_column(Word(StaffChangeState), default=StaffChangeState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    def end(self, state: StaffChangeState, *, at: datetime, by: UUID | None = None) -> None:
        """Make the one move of the life cycle and forget what was wanted; raises IllegalMoveError."""
        self.state = checked_move(STAFF_CHANGE_MOVES, self.state, state)
        self.decided_at, self.decided_by, self.wanted = at, by, None
