"""The few settings that machines which only compute need: no other is read, so no secret has to be there."""

from pydantic import ValidationError

from booking.platform.base.settings import PREFIX, SettingsError
from booking.platform.base.settings_servers import ComputingSettings


class _Alone(ComputingSettings):
    model_config = ComputingSettings.model_config | {
        "env_prefix": PREFIX,
        "env_ignore_empty": True,
        "env_file": ".env",
        "extra": "ignore",
        "frozen": True,
        "hide_input_in_errors": True,
    }


def read_computing_settings() -> ComputingSettings:
    """Read them from the environment and ``.env``.

    Raises
    ------
    booking.platform.base.settings.SettingsError
        One of them is unusable; all are named.
    """
    try:
        return _Alone()
    except ValidationError as error:
        words = [(*one["loc"], one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        raise SettingsError("; ".join(": ".join(map(str, each)) for each in words)) from None
