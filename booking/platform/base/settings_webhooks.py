"""Settings of events for other systems: where they may be sent, how many at once, how long they are kept."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

Network = IPv4Network | IPv6Network


class WebhookSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/webhooks.md` says what is sent."""

    webhook_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(), description="Networks inside, to which events may be sent all the same; separated by commas."
    )
    webhook_ca_file: Path | None = Field(
        default=None, description="Who else may sign receivers' certificates (PEM), besides whom the system trusts."
    )
    webhook_plain: bool = Field(
        default=False, description="Receivers may be http, on this machine too; for tests and demonstrations only."
    )
    webhook_calls: int = Field(default=8, ge=1, le=64, description="Events on their way to one receiver at once.")
    webhooks_kept: timedelta = Field(
        default=timedelta(days=30),
        ge=timedelta(days=7),
        le=timedelta(days=366),
        description="How long events can be sent again, and what came of them is shown.",
    )

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _split_networks(cls, words: object) -> object:
        return [one.strip() for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @model_validator(mode="after")
    def _names_no_loop(self) -> Self:
        if any(one.is_loopback or one.is_link_local or one.is_multicast for one in self.webhook_networks):
            raise ValueError("MAWID_WEBHOOK_NETWORKS must not name this machine itself or the link that it is on")
        return self

    def unfit_webhooks(self) -> str | None:
        """Return what keeps these settings from production, in words; None: nothing."""
        if self.webhook_plain:
            return "MAWID_WEBHOOK_PLAIN would send events unencrypted and to this machine: not in production"
        return None
