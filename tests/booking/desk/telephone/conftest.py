"""The Syrian pack, whose dialogue is spoken."""

import pytest

from booking.country.packs.loading import load_pack


@pytest.fixture(scope="session")
def syria():
    """The built-in pack."""
    return load_pack("syria")
