"""The life cycle of a study: a look at stored requests that a job makes for an analyst."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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
