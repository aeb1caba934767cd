"""Whose grant the register ended: nothing is known of them any more, and they show once more who they are."""

from collections.abc import Iterable

from booking.core.core import Core
from booking.core.known_facts import facts_of
from booking.identity.errors import IdentityLevelError
from booking.models import HouseholdMember
from booking.models.identity import IdentityLevel


def ask_to_show_again(core: Core, members: Iterable[HouseholdMember], needed: IdentityLevel) -> None:
    """Refuse what needs facts about people who are proven, while the register gives none for their grants.

    That it forgot a proof, as after its own loss of data, is no reason to hold anything against anybody.

    Raises
    ------
    IdentityLevelError
        The register ended the grants of ``members``.
    booking.core.register.RegisterAwayError
        The register does not answer.
    """
    sure = [member for member in members if member.level.reaches(needed)]
    if ended := [member.id for member in sure if facts_of(core, member, needed) is None]:
        raise IdentityLevelError(ended, needed, again=True)
