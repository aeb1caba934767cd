"""Versions of the no-show model: a table of its own, and nothing that the gate reads."""

from typing import Final
from uuid import UUID

from booking.antifraud.gate.versions import model_row, usable
from booking.country.core.core import Core
from booking.country.versions.steps import Kind, Step, propose
from booking.platform.models import NoShowModelVersion
from booking.platform.models.base import Json
from booking.platform.models.states import DIRECT_MOVES
from fraud.scoring.artifact import Schema


def propose_no_show(core: Core, *, data: bytes, by: UUID, reason: str = "") -> int:
    """Keep the bytes of a trained no-show model as a draft; return its version.

    Raises
    ------
    fraud.scoring.artifact.ArtifactError
        The bytes are truncated, altered or of a model for another schema; nothing is kept.
    ForbiddenError
        ``by`` is not an analyst.
    """
    row = model_row(NoShowModelVersion, data, _schema())
    return propose(core, NO_SHOW, row, by=by, details={"sha256": row.sha256}, reason=reason)


def _check(step: Step[NoShowModelVersion]) -> Json:
    usable(step.row.artifact, _schema())
    return {}


def _schema() -> Schema:
    from fraud.no_show.model import NO_SHOW_SCHEMA  # noqa: PLC0415 - takes seconds to load, and lists of versions need none

    return NO_SHOW_SCHEMA


NO_SHOW: Final = Kind("no-show", NoShowModelVersion, DIRECT_MOVES, check=_check)
