"""The active quota policy and its limits: for each subject a class says their names, forms and defaults."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.packs.fields import Spec
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import QuotaPolicy
from booking.platform.models.base import Json

SpecT = TypeVar("SpecT", bound=Spec)

# Built once: putting such a statement together takes as long as running it.
ACTIVE_LIMITS: Final = select(QuotaPolicy.limits).where(QuotaPolicy.active)
_ACTIVE: Final = select(QuotaPolicy).where(QuotaPolicy.active)


class LimitsError(ValueError):
    """Limits that no policy can have; the message names each that is wrong."""


def active_policy(session: Session) -> QuotaPolicy:
    """Return the active quota policy; raises PolicyMissingError."""
    policy = find_active_policy(session)
    if policy is None:
        raise PolicyMissingError
    return policy


def find_active_policy(session: Session) -> QuotaPolicy | None:
    """Return the active quota policy; None where no country is loaded yet."""
    return session.scalar(_ACTIVE)


def find_active_limits(session: Session) -> Json | None:
    """Return all limits of the active quota policy, as stored; None where no country is loaded yet."""
    return session.scalar(ACTIVE_LIMITS)


def read(session: Session, kind: type[SpecT]) -> SpecT:
    """Return the limits of one subject by the active policy; what it does not say is as by default.

    Raises
    ------
    PolicyMissingError
        No quota policy is active.
    LimitsError
        One of them cannot be used.
    """
    limits = find_active_limits(session)
    if limits is None:
        raise PolicyMissingError
    return pick(kind, limits)


def pick(kind: type[SpecT], limits: Mapping[str, Any] | None) -> SpecT:
    """Return the limits of one subject among all of a policy; without a policy, all are as by default.

    Raises
    ------
    LimitsError
        One of them cannot be used.
    """
    return parse(kind, {name: value for name, value in (limits or {}).items() if name in kind.model_fields})


def parse(kind: type[SpecT], limits: Mapping[str, Any]) -> SpecT:
    """Return limits that must all be of this kind; raises LimitsError, for an unknown name too."""
    try:
        return kind.model_validate(dict(limits))
    except ValidationError as error:
        wrong = [
            ": ".join([*map(str, one["loc"]), one["msg"].removeprefix("Value error, ")])
            for one in error.errors(include_url=False)
        ]
        raise LimitsError("; ".join(wrong)) from error
