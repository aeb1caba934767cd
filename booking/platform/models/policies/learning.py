"""What the gate learns from, studies of it, and what replays of its verdicts found."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.states import LabelKind, checked_move


class StudyKind(StrEnum):
    """What a job looks at for an analyst."""

    BACKTEST = "backtest"
    SHADOW = "shadow"
    MODEL = "model"


class StudyState(StrEnum):
    """Where a study stands."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_S = StudyState
STUDY_MOVES: Final[Mapping[StudyState, frozenset[StudyState]]] = {
    _S.ASKED: frozenset({_S.RUNNING, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.RUNNING, _S.DONE, _S.CANCELLED, _S.FAILED}),
}
"""A job that was killed is taken up again, and begins anew."""


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


class ShadowVerdict(Base):
    """What the gate would have decided by a rule set in shadow, and which of its rules fired; it decided nothing."""

    __tablename__ = "shadow_verdict"

    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("verdict.id"), primary_key=True)
    rules_version: Mapped[int] = mapped_column(ForeignKey("rule_set_version.version"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(12))
    fired: Mapped[list[Any]]


class GateStudy(Base):
    """A look at stored requests that a job makes for an analyst: a backtest, what a shadow did, a model's state.

    Life cycle: `STUDY_MOVES`. ``wanted`` is what was asked for, ``result`` its tables without
    personal data. ``done`` of ``rows`` requests are judged; setting ``stop`` ends the job at its next look.
    """

    __tablename__ = "gate_study"
    __table_args__ = (Index("ix_gate_study_asked", "kind", "asked_at"),)

    id: Mapped[Key]
    kind: Mapped[StudyKind] = mapped_column(Word(StudyKind))
    state: Mapped[StudyState] = mapped_column(Word(StudyState), default=StudyState.ASKED)
    wanted: Mapped[Json]
    result: Mapped[Json] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    stop: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def move_to(self, state: StudyState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(STUDY_MOVES, self.state, state)


class GateMeasure(Base):
    """The latest value of one figure about the gate, written by a job and shown with the metrics."""

    __tablename__ = "gate_measure"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[float]
    measured_at: Mapped[datetime]


class ReplayRun(Base):
    """The last replay of one day: how many verdicts were repeated and, by fact, how many came out otherwise.

    ``skipped`` verdicts cannot be repeated, for they do not say what they saw or were made with other facts.
    """

    __tablename__ = "replay_run"

    day: Mapped[date] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]
    repeated: Mapped[int]
    skipped: Mapped[int]
    differences: Mapped[Json]
