"""What witnesses sign together, and what they and others brought of it; rows are only added (triggers)."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class BeaconRound(Base):
    """A signature that is awaited: the ``message`` under the ``key`` that makes or made it.

    ``kind`` is what it decides: ``statement`` (a draw) or ``audit`` (the sample of one), both by the ``sha256`` of an
    entry of the log, or ``drand`` (a round that was carried in, without a hash).
    """

    __tablename__ = "beacon_round"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]


class BeaconPart(Base):
    """The part of the witness with an index, checked before it was stored; index 0 is the whole signature."""

    __tablename__ = "beacon_part"
    __table_args__ = (ForeignKeyConstraint(["key", "message"], ["beacon_round.key", "beacon_round.message"]),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    index: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
