"""Settings of traces: where they are sent, and how many."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from booking.platform.base.settings_computing import is_loopback


class TracesSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    traces_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#@]+$",
        description="A collector of OpenTelemetry traces (OTLP over HTTP, …/v1/traces); none: nothing is traced.",
    )
    traces_token: SecretStr | None = Field(default=None, description="What it is shown as a bearer token.")
    traces_share: float = Field(default=0.05, gt=0, le=1, description="Of all calls and jobs, chosen by chance.")

    @model_validator(mode="after")
    def _shows_its_token_to_nobody_else(self) -> Self:
        address = urlsplit(self.traces_url or "")
        if self.traces_token is not None and address.scheme == "http" and not is_loopback(address.hostname or ""):
            raise ValueError("MAWID_TRACES_URL must be https://, or this machine's, where MAWID_TRACES_TOKEN is shown")
        return self
