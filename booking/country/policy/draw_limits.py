"""The part of a quota policy's limits that draws run by."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from allocation import Mechanism
from booking.country.packs.fields import Spec
from booking.country.packs.quotas import AppealLimits, GateSpec, HelperLimits, LimitSpec, RightsLimits, UrgentLimits
from booking.country.policy.challenge_limits import ChallengeLimits
from booking.country.policy.limits import parse
from booking.platform.models.base import Json

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
