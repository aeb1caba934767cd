"""The form of the first quota policy: shares of capacity, caps, and the gate's thresholds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from booking.country.packs.fields import ClockTimeText, Exact, OfficeKindCode, Spec
from booking.platform.models.states import Pool


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
    """Caps: people an account acts for, people in one request, offices a person ranks; services of one visit.

    ``services``: how many a request may name; with 1 each is asked for by itself.
    """

    household_members: int = Field(ge=1)
    party: int = Field(ge=1)
    ranked_offices: int = Field(ge=1)
    services: int = Field(default=4, ge=1, le=8)


class GateSpec(Spec):
    """What a score may cost, and from which score a request is challenged or reviewed; no score refuses.

    ``review_capacity_per_day`` is how many cases officers can look at; at most the share ``honest_challenged_most`` of
    honest requests may be challenged by the score, and ``honest_reviewed_most`` reviewed: each training chooses the
    model's thresholds by these. ``challenge_from`` and ``review_from``, both or neither, overrule them for every model.
    A model is not activated that troubles a group of honest people more than others by more than ``fairness_gap_most``.
    More people than places are suggested (`mawid fraud no-show`) while the chance that more come than fit is at most
    ``overbooking_overflow_most``; 0 suggests none.
    """

    challenge_from: float | None = Field(default=None, gt=0, le=1)
    review_from: float | None = Field(default=None, gt=0, le=1)
    review_capacity_per_day: int = Field(default=200, ge=0)
    honest_challenged_most: float = Field(default=0.02, ge=0, le=1)
    honest_reviewed_most: float = Field(default=0.002, ge=0, le=1)
    fairness_gap_most: float = Field(default=0.05, ge=0, le=1)
    overbooking_overflow_most: float = Field(default=0.05, ge=0, lt=1)

    @model_validator(mode="after")
    def _challenges_first(self) -> Self:
        if self.challenge_from is None or self.review_from is None:
            if self.challenge_from is not self.review_from:
                raise ValueError("give both challenge_from and review_from, or neither")
        elif self.challenge_from > self.review_from:
            raise ValueError("challenge_from is above review_from")
        return self


SecondFor: TypeAlias = Literal["over_pool", "relative", "helper", "same_day"]


class UrgentLimits(Spec):
    """What holds for requests that an officer may let past the draw.

    ``urgent_second_for`` names when a second person must agree; the database reads it too. ``helper`` means that one
    officer approved ``urgent_helper_approvals`` cases of one registered helper within ``urgent_helper_days``. Places
    that are still free go back at ``urgent_return_at``, ``urgent_return_days`` before their day, in the office's time.
    A supervisor may add at most ``urgent_overbooking_most`` units to a slot. A person's people may ask
    ``urgent_asks_most`` times in ninety days. Evidence is removed ``urgent_evidence_days`` after the case is closed.
    """

    urgent_second_for: tuple[SecondFor, ...] = Field(
        strict=False, default=("over_pool", "relative", "helper", "same_day")
    )
    urgent_helper_approvals: int = Field(default=3, ge=1)
    urgent_helper_days: int = Field(default=30, ge=1, le=366)
    urgent_return_days: int = Field(default=1, ge=0, le=30)
    urgent_return_at: ClockTimeText = "12:00"
    urgent_overbooking_most: int = Field(default=2, ge=0, le=20)
    urgent_asks_most: int = Field(default=3, ge=1)
    urgent_undo_seconds: int = Field(default=60, ge=0, le=600)
    urgent_evidence_days: int = Field(default=90, ge=1, le=3660)


class AppealLimits(Spec):
    """Days from the coming of an appeal to the last day for its answer."""

    appeal_days: int = Field(default=14, ge=1, le=365)


class HelperLimits(Spec):
    """What holds for consents that people sign on paper, because they have no phone.

    A paper can be used for ``helper_paper_days``; a helper sends at most ``helper_papers_per_day`` requests on paper
    in a day; the photo is removed ``helper_paper_kept_days`` after the decision.
    """

    helper_paper_days: int = Field(default=7, ge=1, le=60)
    helper_papers_per_day: int = Field(default=5, ge=0, le=500)
    helper_paper_kept_days: int = Field(default=30, ge=1, le=3660)


class RightsLimits(Spec):
    """When what is kept about the owner of a closed account goes, in days from its closing.

    The owner can open it again for ``account_reopen_days``. The night after, names, numbers, phone and channels go;
    after ``erase_words_days`` what was written in words, and after ``erase_traces_days`` the keyed hashes of devices,
    networks and phones, by which the past is counted.
    """

    account_reopen_days: int = Field(default=30, ge=1, le=365)
    erase_words_days: int = Field(default=180, ge=1, le=3660)
    erase_traces_days: int = Field(default=730, ge=1, le=3660)


class QuotaSpec(Spec):
    """The first quota policy of a country."""

    pools: tuple[ShareSpec, ...] = Field(strict=False)
    limits: LimitSpec
    gate: GateSpec
    urgent: UrgentLimits = UrgentLimits()
    appeals: AppealLimits = AppealLimits()
    helpers: HelperLimits = HelperLimits()
    rights: RightsLimits = RightsLimits()

    def shares(self, office_kind: str) -> Mapping[Pool, Decimal]:
        """Return the exact shares of one kind of office."""
        return next(split.shares for split in self.pools if split.office_kind == office_kind)
