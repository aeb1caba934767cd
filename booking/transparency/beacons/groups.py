"""The groups of witnesses that the settings name, read once for each content of their files."""

from functools import lru_cache

from booking.platform.base.settings import Settings, SettingsError
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group, read_group


def groups(settings: Settings) -> list[Group]:
    """Return the groups of the settings, the newest first.

    Raises
    ------
    SettingsError
        A file cannot be read, or is not the file of a group.
    """
    found = []
    for path in settings.beacon_group:
        try:
            found.append(_read(path.read_bytes()))
        except OSError as error:
            raise SettingsError(f"MAWID_BEACON_GROUP cannot be read: {error.strerror}") from None
        except BeaconError as error:
            raise SettingsError(f"MAWID_BEACON_GROUP is not the file of a group: {error}") from None
    return found


def present_group(settings: Settings) -> Group:
    """Return the group that new draws are announced with.

    Raises
    ------
    SettingsError
        The settings name none, or raised as by `groups`.
    """
    for one in groups(settings):
        return one
    raise SettingsError("MAWID_BEACON_GROUP is needed where MAWID_BEACON is witnesses: the group's file")


def group_of(settings: Settings, key: bytes) -> Group | None:
    """Return the group with a key; None where the settings have none; raises as `groups`."""
    return next((one for one in groups(settings) if one.key == key), None)


@lru_cache(maxsize=8)
def _read(content: bytes) -> Group:
    return read_group(content)
