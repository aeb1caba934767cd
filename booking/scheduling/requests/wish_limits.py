"""How many people, offices and services one wish may name, for the forms that ask for it."""

from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.country.policy import limits as policy_limits


def wish_limits(core: Core) -> LimitSpec:
    """Return what the active quota policy says of wishes; raises PolicyMissingError where none is active."""
    with core.sessions.reading() as session:
        return policy_limits.read(session, LimitSpec)
