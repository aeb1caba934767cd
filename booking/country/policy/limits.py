"""The active quota policy and its limits: for each subject a class says their names, forms and defaults."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation import Mechanism
from booking.country.packs.fields import Spec
from booking.country.packs.quotas import AppealLimits, GateSpec, HelperLimits, LimitSpec, RightsLimits, UrgentLimits
from booking.country.policy.quota_table import ORDER, Quota, QuotaTable, Unit
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import QuotaPolicy
from booking.platform.models.base import Json
from booking.platform.models.states import Pool
from fraud.challenges.proof_of_work import MOST_TRIES


class ChallengeLimits(Spec):
    """How a challenged request is passed.

    Below the score ``code_from`` the person's device may compute instead of waiting for a code; from it on only a code
    from their phone passes. 0 always asks for the code. A computation takes up to ``proof_tries`` tries where nothing
    speaks against the request, more with its risk, and never more than ``proof_most_tries``.
    """

    code_from: float = Field(default=0.75, ge=0, le=1)
    proof_tries: int = Field(default=160, ge=1, le=MOST_TRIES)
    proof_most_tries: int = Field(default=2_560, ge=1, le=MOST_TRIES)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.proof_tries > self.proof_most_tries:
            raise ValueError("proof_tries is above proof_most_tries")
        return self


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


HOURS_A_DAY: Final = 24
LONGEST_DAYS: Final = 366
MOST_COMPENSATION: Final = 10_000
"""Per mille. More than ten times could leave 64-bit arithmetic, and the draw would have no plan."""

Units: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}$")]
PerMille: TypeAlias = Annotated[int, Field(ge=1000, le=MOST_COMPENSATION)]


class DrawLimits(Spec):
    """When draws close, over which days, and how their places are given.

    ``draw_hour`` is a local hour of the country; ``draw_every_hours`` divides a day or is whole days.
    ``party_compensation`` makes up for being harder to place: without it, what evens out the chances of small and
    large requests is found at closing; a table maps the units of a request to the per mille that each of them weighs
    (1000 where it is silent). ``publish_lines``: whether everyone gets the wishes, no more exact than five share them,
    once the days of a draw are over.
    """

    draw_every_hours: int = Field(default=24, ge=1, le=LONGEST_DAYS * HOURS_A_DAY)
    draw_hour: int = Field(default=20, ge=0, lt=HOURS_A_DAY)
    horizon_lead_days: int = Field(default=5, ge=0, le=LONGEST_DAYS)
    horizon_days: int = Field(default=14, ge=1, le=LONGEST_DAYS)
    draw_mechanism: Literal["exchange", "in-line-order"] = "exchange"
    party_compensation: Mapping[Units, PerMille] | None = None
    publish_lines: Literal["coarse", "never"] = "coarse"

    @model_validator(mode="after")
    def _keeps_its_distance(self) -> Self:
        every = self.draw_every_hours
        if HOURS_A_DAY % every and every % HOURS_A_DAY:
            raise ValueError(f"draw_every_hours is {every}: neither a divisor of a day nor whole days")
        return self

    @property
    def mechanism(self) -> Mechanism:
        """How places are given."""
        return Mechanism(self.draw_mechanism)


class PolicyLimits(
    LimitSpec, GateSpec, ChallengeLimits, DrawLimits, UrgentLimits, AppealLimits, HelperLimits, RightsLimits
):
    """All limits of a policy: of wishes, the gate, checks, draws, urgent cases, appeals, helpers, closed accounts."""


def checked_limits(limits: Mapping[str, Any]) -> Json:
    """Return all limits of a policy as they are stored; raises LimitsError, for an unknown name too."""
    parse(PolicyLimits, limits)
    return dict(limits)


_DRAW, _WALK_IN = ORDER.index(Pool.DRAW), ORDER.index(Pool.WALK_IN)


def lent(quota: Quota, share: Decimal) -> Quota:
    """Move a share of the day from walk-in to the draw, at most what walk-in has; below 0 it goes the other way."""
    values = list(quota.values)
    share = max(min(share, values[_WALK_IN]), -values[_DRAW])
    values[_DRAW] += share
    values[_WALK_IN] -= share
    return Quota(quota.unit, tuple(values))


def everywhere_lent(table: QuotaTable, share: Decimal) -> QuotaTable:
    """Do the same in every row of shares; rows that count places stay as they are."""
    rows = {scope: lent(quota, share) if quota.unit is Unit.SHARES else quota for scope, quota in table.rows.items()}
    return QuotaTable(rows)
