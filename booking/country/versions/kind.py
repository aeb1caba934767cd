"""What tells one kind of versioned policy from another, as the subject that it belongs to describes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.permissions import Permission
from booking.platform.models import Account
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import ApprovedVersion
from booking.platform.models.states import VersionState

Row = TypeVar("Row", bound=ApprovedVersion)


class StepName(StrEnum):
    """A step of a version's life, as `booking.platform.models.VersionStep` and the audit log name it."""

    PROPOSED = "proposed"
    SHADOW = "shadow"
    RETIRED = "retired"
    ACTIVATED = "activated"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Step(Generic[Row]):
    """A step that an analyst takes with a version, inside the caller's transaction.

    ``anyway`` says that they know what the kind objects to and take the step all the same. ``before`` is the version
    that decided until this one was activated.
    """

    session: Session
    core: Core
    name: StepName
    row: Row
    by: Account
    anyway: bool = False
    before: Row | None = None


def _nothing(_step: Step[Any]) -> Json:
    return {}


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of versioned policy.

    Attributes
    ----------
    name
        Stands in `booking.platform.models.VersionStep`; the audit log has ``<name>.<step>``.
    model, moves
        The table of its versions and their life cycle.
    check
        Called before a shadow, an activation or a rollback: raises to refuse it, or returns details for the record.
    proposed
        What follows from a proposal.
    activated
        What follows from an activation or a rollback; returns details for the record.
    permission
        What an account needs to take any step.
    """

    name: str
    model: type[Row]
    moves: Mapping[VersionState, frozenset[VersionState]]
    check: Callable[[Step[Row]], Json] = _nothing
    proposed: Callable[[Step[Row]], object] = _nothing
    activated: Callable[[Step[Row]], Json] = _nothing
    permission: Permission = Permission.CHANGE_POLICIES
