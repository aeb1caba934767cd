"""What a service's file says about original papers of people abroad."""

from typing import Literal, TypeAlias

from pydantic import Field

from booking.country.packs.fields import Code, Sentence, Spec, Words

Originals: TypeAlias = Literal["visit", "post", "either"]


class OriginalsAtSpec(Spec):
    """A consulate with a rule of its own about original papers."""

    consulate: Code
    by: Originals


class OriginalSpec(Spec):
    """A paper that must be seen itself, not only its picture."""

    code: Code
    name: Words


class OriginalsSpec(Spec):
    """How original papers of somebody abroad reach a consulate, for a service that is asked for online.

    ``by``: brought to a "visit", sent by "post", or "either" as the person likes; ``except_at`` lists consulates that
    differ. Posted ``papers`` must arrive within ``days``. ``sent_back``: they come back by
    post, with the result where it is on paper; otherwise they are collected.
    """

    by: Originals
    papers: tuple[OriginalSpec, ...] = Field(strict=False, min_length=1)
    days: int = Field(default=42, ge=7, le=180)
    sent_back: bool = True
    except_at: tuple[OriginalsAtSpec, ...] = Field(strict=False, default=())
    source: Sentence

    def ways_at(self, consulate: str) -> tuple[Literal["visit", "post"], ...]:
        """Return the ways that a consulate allows."""
        by = next((one.by for one in self.except_at if one.consulate == consulate), self.by)
        return ("visit", "post") if by == "either" else (by,)
