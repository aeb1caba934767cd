"""The part of a service's file that says how sure it must be that an account may act for a person."""

from typing import Self

from pydantic import Field, model_validator

from booking.country.packs.fields import Spec
from booking.platform.models.identity import IdentityLevel


class IdentitySpec(Spec):
    """How sure it must be that an account may act for a person: see `booking.platform.models.identity.IdentityLevel`.

    ``ask``: to ask for the service; left out: proven for one at an office, whose places are scarce, else claimed.
    ``issue``: to be given a result that is issued here. ``facts``: to have registers asked about the person; without a
    proof no register answers.
    """

    ask: IdentityLevel | None = Field(default=None, strict=False)
    issue: IdentityLevel = Field(default=IdentityLevel.PROVEN, strict=False)
    facts: IdentityLevel = Field(default=IdentityLevel.PROVEN, strict=False)

    @model_validator(mode="after")
    def _has_a_grant(self) -> Self:
        if not self.facts.reaches(IdentityLevel.PROVEN):
            raise ValueError(f'facts = "{self.facts}" would need registers to answer without a proof: none does')
        return self

    def to_ask(self, *, at_an_office: bool) -> IdentityLevel:
        """Return the level that asking needs."""
        if self.ask is not None:
            return self.ask
        return IdentityLevel.PROVEN if at_an_office else IdentityLevel.CLAIMED
