"""What cases have in common that officers take into their hands, and the decisions that they make on them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Key


class InHands:
    """A case of an account: sent, taken by an officer, and closed. Its states are those of its kind."""

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[StrEnum]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    def hand_to(self, officer_id: UUID, at: datetime) -> None:
        """Put the case into an officer's hands."""
        self.assigned_to, self.assigned_at = officer_id, at

    def hand_back(self) -> None:
        """Take the case out of its officer's hands."""
        self.assigned_to, self.assigned_at = None, None


class DecisionOnCase:
    """What was done with a case, and why.

    ``number`` orders the decisions of a case, which is locked while one is written, however the clocks stand.
    """

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    reason_code: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
