"""Which settings files of a deployment name, held against those that Mawid knows."""

from collections.abc import Iterable

from booking.platform.base.settings import PREFIX, Settings


def known() -> set[str]:
    return {PREFIX + name.upper() for name in Settings.model_fields}


def unknown(names: Iterable[str]) -> set[str]:
    """The names among these that no setting has, whatever their case."""
    return {name for name in names if name.upper().startswith(PREFIX)} - known() - {name.lower() for name in known()}


def secrets() -> set[str]:
    """The settings that must not stand in a file that everyone reads."""
    return {
        PREFIX + name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in repr(field.annotation)
    }
