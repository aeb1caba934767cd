"""The part of a quota policy's limits that checks run by: which one is asked for, and how long it computes."""

from typing import Self

from pydantic import Field, model_validator

from booking.country.packs.fields import Spec
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
