"""What was given out as verifiable credentials, and what a wallet was offered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key

_OF_ONE = "num_nonnulls(result_id, appointment_id) = 1"


class IssuedCredential(Base):
    """A place in a status list that a credential names, and the result or appointment whose end ends it.

    Both numbers are drawn at random, so that no place says when a credential was issued, or after which. Each download
    gets a place of its own, and two of them have nothing in common; from a certain number on, the place of a result
    that was given out longest ago is given out again (``issued_at`` moves). ``ended_at`` is when its owner ended it.
    """

    __tablename__ = "issued_credential"
    __table_args__ = (
        CheckConstraint("list >= 0 AND position >= 0", name="place"),
        CheckConstraint(_OF_ONE, name="of_one"),
        Index("ix_issued_credential_result_id", "result_id"),
        Index("ix_issued_credential_appointment_id", "appointment_id"),
    )

    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_result.id"))
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CredentialOffer(Base):
    """What a wallet may fetch once (OpenID4VCI, pre-authorised code): the newest offer of a result or an appointment.

    ``code_hash`` finds it until the code is used; each try of its transaction code takes one of ``tries_left``. The
    right one gives ``token_hash``, by which it is found once more, until ``ends_at``; then the row goes. ``whole`` says
    whether the wallet gets all that there is, or what names nobody.
    """

    __tablename__ = "credential_offer"
    __table_args__ = (
        CheckConstraint(_OF_ONE, name="of_one"),
        CheckConstraint("tries_left >= 0", name="tries"),
        Index("ix_credential_offer_account_id", "account_id"),
        Index("ix_credential_offer_ends_at", "ends_at"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_result.id"), unique=True)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"), unique=True)
    whole: Mapped[bool] = mapped_column(Boolean)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    transaction_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries_left: Mapped[int] = mapped_column(SmallInteger)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    ends_at: Mapped[datetime]
