"""What the gate learns from, and what is measured about it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Key, Word
from booking.states import LabelKind


class Label(Base):
    """What became known about a request, and when: the training of a model as of a day reads nothing later.

    ``value`` is true for what counts against the request: it was refused in review, the appeal was rejected, nobody
    came, it was resold. ``source`` says where it was found out, ``account_id`` by whom. Rows are never changed or
    removed (triggers); a later one says more.
    """

    __tablename__ = "label"
    __table_args__ = (Index("ix_label_request", "request_id", "known_at"), Index("ix_label_known", "known_at"))

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    kind: Mapped[LabelKind] = mapped_column(Word(LabelKind))
    value: Mapped[bool]
    known_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(24))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class ShadowScore(Base):
    """What a model in shadow gave the request of a verdict; it decided nothing."""

    __tablename__ = "shadow_score"

    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("verdict.id"), primary_key=True)
    model_version: Mapped[int] = mapped_column(ForeignKey("model_version.version"), primary_key=True)
    score: Mapped[float]


class GateMeasure(Base):
    """The latest value of one figure about the gate, written by a job and shown with the metrics."""

    __tablename__ = "gate_measure"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[float]
    measured_at: Mapped[datetime]
