"""Settings of interfaces that others specified: all are off until somebody needs one."""

from pydantic import Field
from pydantic_settings import BaseSettings


class AdapterSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    govstack: bool = Field(default=False, description="Whether GovStack's interfaces are answered.")
    mosip_service: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="Of which service MOSIP's booking calls book appointments; none: they are not answered.",
    )
