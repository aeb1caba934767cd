"""The form of the first quota policy: shares of capacity, caps, and the gate's thresholds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from booking.packs.fields import Exact, OfficeKindCode, Spec
from booking.states import Pool


class ShareSpec(Spec):
    """How the capacity of one kind of office splits into pools; exact shares that add to 1."""

    office_kind: OfficeKindCode
    shares: Mapping[Annotated[Pool, Field(strict=False)], Annotated[Exact, Field(ge=0, le=1)]]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [pool.value for pool in Pool if pool not in self.shares]
        if missing:
            raise ValueError(f"no share for {', '.join(missing)}; write 0 for a pool without places")
        total = sum(self.shares.values())
        if total != 1:
            raise ValueError(f"the shares add to {total}, not to 1")
        return self


class LimitSpec(Spec):
    """Caps: people an account acts for, people in one request, offices a person ranks."""

    household_members: int = Field(ge=1)
    party: int = Field(ge=1)
    ranked_offices: int = Field(ge=1)


class GateSpec(Spec):
    """From which score a request is challenged, and from which an officer looks at it; no score refuses."""

    challenge_from: float = Field(gt=0, le=1)
    review_from: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _challenges_first(self) -> Self:
        if self.challenge_from > self.review_from:
            raise ValueError("challenge_from is above review_from")
        return self


class QuotaSpec(Spec):
    """The first quota policy of a country."""

    pools: tuple[ShareSpec, ...] = Field(strict=False)
    limits: LimitSpec
    gate: GateSpec

    def shares(self, office_kind: str) -> Mapping[Pool, Decimal]:
        """Give the exact shares of one kind of office."""
        return next(split.shares for split in self.pools if split.office_kind == office_kind)
