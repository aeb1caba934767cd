"""The country that this installation serves: its pack, read once for a process."""

from functools import lru_cache

from booking.core import Core
from booking.packs.loading import load_pack
from booking.packs.schema import Pack


def country_of(core: Core) -> Pack:
    """Give the pack that the settings name. Raises `booking.packs.problems.PackError` when it is unusable."""
    return _read_once(core.settings.country)


@lru_cache(maxsize=4)
def _read_once(name: str) -> Pack:
    return load_pack(name)
