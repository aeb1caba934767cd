"""Settings of traces: where they are sent, and how many."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class TracesSettings(BaseSettings):
    """A part of `booking.base.settings.Settings`."""

    traces_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#@]+$",
        description="A collector of OpenTelemetry traces (OTLP over HTTP, …/v1/traces); none: nothing is traced.",
    )
    traces_token: SecretStr | None = Field(default=None, description="What it is shown as a bearer token.")
    traces_share: float = Field(default=0.05, gt=0, le=1, description="Of all calls and jobs, chosen by chance.")
