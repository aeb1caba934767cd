"""What the registers know of a household member: asked for with the member's own grant, and never without one."""

from collections.abc import Iterable, Sequence
from itertools import islice

from booking.country.core.core import Core
from booking.country.core.register import (
    MOST_PEOPLE,
    RegisterAwayError,
    RegisterFacts,
    open_national_number,
    read_grant,
)
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel


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


def facts_of_many(
    core: Core, members: Iterable[HouseholdMember], needed: IdentityLevel = IdentityLevel.PROVEN
) -> dict[int, RegisterFacts | None]:
    """Ask the register about members, `MOST_PEOPLE` in one question; by a member's id, what `facts_of` returns.

    About whom the register does not answer is not in it: nothing is concluded of them. A question that fails is not
    asked again one by one: that would be a hundred more for a register that is in trouble.
    """
    members = list(members)
    asked = [
        (member.id, (open_national_number(core.vault, member.person), grant))
        for member in members
        if member.level.reaches(needed) and (grant := read_grant(core.vault, member)) is not None
    ]
    known: dict[int, RegisterFacts | None] = dict.fromkeys(member.id for member in members)
    rest = iter(asked)
    while some := list(islice(rest, MOST_PEOPLE)):
        ids = [member_id for member_id, _ in some]
        try:
            known.update(zip(ids, _ask(core, [one for _, one in some]), strict=True))
        except RegisterAwayError:
            for member_id in ids:
                del known[member_id]
    return known


def _ask(core: Core, asked: Sequence[tuple[str, str]]) -> Sequence[RegisterFacts | None]:
    if len(asked) == 1:
        return [core.register.facts(*asked[0])]
    return core.register.facts_of_many(asked)
