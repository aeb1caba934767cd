"""A backup is tried on a country that has drawn."""

from tests.booking.scheduling.draws.conftest import office, policy, world

__all__ = ["office", "policy", "world"]
