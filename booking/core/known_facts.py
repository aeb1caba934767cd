"""What the registers know of a household member: asked for with the member's own grant, and never without one."""

from booking.core.core import Core
from booking.core.register import RegisterFacts
from booking.core.sealed import open_national_number, read_grant
from booking.models import HouseholdMember
from booking.models.identity import IdentityLevel


def facts_of(core: Core, member: HouseholdMember, needed: IdentityLevel = IdentityLevel.PROVEN) -> RegisterFacts | None:
    """Ask the register about a member.

    Parameters
    ----------
    needed
        What the service's file needs for that; whoever is below is not asked about.

    Returns
    -------
    RegisterFacts or None
        None for a member who is not proven, or whose grant the register took back.

    Raises
    ------
    RegisterAwayError
        The register does not answer.
    """
    grant = read_grant(core.vault, member)
    if grant is None or not member.level.reaches(needed):
        return None
    return core.register.facts(open_national_number(core.vault, member.person), grant)
