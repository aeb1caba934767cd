"""Whether the people of a household are as sure as a service needs."""

from collections.abc import Iterable
from typing import Final

from booking.country.packs.identity import IdentitySpec
from booking.country.packs.parsed import Parsed
from booking.people.identity.errors import IdentityLevelError
from booking.platform.models import HouseholdMember, Service
from booking.platform.models.identity import IdentityLevel


def require_level(members: Iterable[HouseholdMember], needed: IdentityLevel) -> None:
    """Raise IdentityLevelError with all of the members who do not reach a level."""
    if below := [member.id for member in members if not member.level.reaches(needed)]:
        raise IdentityLevelError(below, needed)


def to_ask(service: Service) -> IdentityLevel:
    """Return the level that asking for a service needs, by its file as it is stored."""
    return levels_of(service).to_ask(at_an_office=service.at_an_office)


def levels_of(service: Service) -> IdentitySpec:
    """Return the levels that a service's file names, as it is stored."""
    return _LEVELS(service.spec)


_LEVELS: Final = Parsed(lambda spec: IdentitySpec.model_validate(spec.get("identity", {}), strict=False))
