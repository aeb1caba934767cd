"""An installation: its running processes, answers to repeated calls, and the check of its secrets."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Word


class ProcessKind(StrEnum):
    """What a process does: it answers pages and programs, or runs jobs."""

    WEB = "web"
    WORKER = "worker"


class RunningProcess(Base):
    """One process, from its start to its end, or to a day after its last sign of life.

    ``schema_number`` is that of the last migration that its version knows. ``clock_ahead`` are the seconds by which the
    clock of its machine was ahead of the database's at the last sign.
    """

    __tablename__ = "running_process"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ProcessKind] = mapped_column(Word(ProcessKind))
    host: Mapped[str] = mapped_column(String(255))
    schema_number: Mapped[str] = mapped_column(String(4))
    version: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    clock_ahead: Mapped[float]


class ContractStep(Base):
    """A step that takes away what no process needs any more, and when it was done."""

    __tablename__ = "contract_step"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    done_at: Mapped[datetime]


class IdempotencyKey(Base):
    """A key that a client chose, written in the transaction that it protects. ``result`` names what was made."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


class KeyCheck(Base):
    """A secret with which something is or was sealed, by a keyed value that leads back to nothing.

    One is in use; ``lasting`` is the key from which hashes and signatures come, sealed by that one (NULL: it is the
    secret itself, as in a database from before there was such a key). ``secret`` is the key's id, or the setting's name
    in such a database. Of one that was replaced, ``free_from`` says since when nothing needs it (NULL: something does).
    """

    __tablename__ = "key_check"
    __table_args__ = (
        Index("uq_key_check_present", text("(present)"), unique=True, postgresql_where=text("present")),
        CheckConstraint("present = (replaced_at IS NULL)", name="replaced_whole"),
        CheckConstraint("free_from IS NULL OR NOT present", name="needed_while_in_use"),
        CheckConstraint("lasting IS NULL OR present", name="lasting_with_present"),
    )

    secret: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    lasting: Mapped[bytes | None] = mapped_column(LargeBinary)
    present: Mapped[bool]
    created_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    free_from: Mapped[datetime | None]
