"""Whose grant the register ended: nothing is known of them any more, and they show once more who they are."""

from collections.abc import Iterable, Mapping, Sequence

from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of
from booking.country.core.register import RegisterFacts
from booking.people.identity.levels import IdentityLevelError
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel


def ask_to_show_again(core: Core, members: Sequence[HouseholdMember], needed: IdentityLevel) -> None:
    """Refuse what needs facts about people who are proven, while the register gives none for their grants.

    That it forgot a proof, as after its own loss of data, is no reason to hold anything against anybody.

    Raises
    ------
    IdentityLevelError
        The register ended the grants of ``members``.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    """
    show_again(members, {one.id: facts_of(core, one, needed) for one in members if one.level.reaches(needed)}, needed)


def show_again(
    members: Iterable[HouseholdMember], known: Mapping[int, RegisterFacts | None], needed: IdentityLevel
) -> None:
    """Do what `ask_to_show_again` does, by what the register said already of each member; raises IdentityLevelError."""
    if ended := [member.id for member in members if member.level.reaches(needed) and known[member.id] is None]:
        raise IdentityLevelError(ended, needed, again=True)
