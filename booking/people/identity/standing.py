"""By what an account is proven to act for a person today: a guardian's word ends when the child is of age."""

from datetime import date
from typing import Final

from booking.platform.models import HouseholdMember
from booking.platform.models.identity import ProofKind

OF_AGE: Final = 18


def is_minor(born: date, today: date) -> bool:
    """Return whether somebody born on a day is not of age yet."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < OF_AGE


def standing_proof(entry: HouseholdMember, today: date) -> ProofKind | None:
    """Return by what an account is proven to act for a person today; None for a claim.

    Who grew up may end what a parent once proved as their guardian: it counts as a claim from then on.
    """
    if entry.proved_by is ProofKind.GUARDIAN and not is_minor(entry.birth_date, today):
        return None
    return entry.proved_by
