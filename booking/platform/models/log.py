"""The public log of an installation; triggers let all but what waits and what witnesses said last only grow."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class LogPending(Base):
    """What happened and is not in the log yet; it leaves only into it. ``key`` names it among those of its kind."""

    __tablename__ = "log_pending"
    __table_args__ = (UniqueConstraint("kind", "key"), CheckConstraint("length(body) <= 65535", name="short"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class LogEntry(Base):
    """An entry of the log: ``body`` is what is hashed. Indices count from 0 without a gap."""

    __tablename__ = "log_entry"
    __table_args__ = (UniqueConstraint("kind", "key"), CheckConstraint("length(body) <= 65535", name="short"))

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class LogTile(Base):
    """A full tile: 256 hashes of a level of the tree (each over 256^level entries), and the root over them."""

    __tablename__ = "log_tile"
    __table_args__ = (CheckConstraint("length(hashes) = 8192", name="full"),)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Base):
    """What the log signed about its first ``size`` entries."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogCosignature(Base):
    """A witness's first signature of a checkpoint; ``at`` is the time that it signed."""

    __tablename__ = "log_cosignature"

    size: Mapped[int] = mapped_column(BigInteger, ForeignKey("log_checkpoint.size"), primary_key=True)
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogWitness(Base):
    """What a witness signed last, and what it refused last, in its words."""

    __tablename__ = "log_witness"

    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_size: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[datetime | None]
    refused_size: Mapped[int | None] = mapped_column(BigInteger)
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(String(300))


class LogHold(Base):
    """Since when the log of a restored backup waits for what it lacks: nothing is added or signed meanwhile."""

    __tablename__ = "log_hold"

    since: Mapped[datetime] = mapped_column(primary_key=True)
