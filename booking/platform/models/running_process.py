"""The processes that run, as each of them says."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String
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
