"""Settings of reaching people: gateways, quiet hours, text messages that come in; and of reaching systems."""

from datetime import timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from booking.platform.base.message_states import Channel
from booking.platform.base.settings_telephone import TelephoneSettings
from booking.platform.base.settings_webhooks import WebhookSettings
from booking.platform.base.webhooks import read_secrets

TO: Final = "{to}"
"""Where a gateway's address holds the receiver."""
GOVSTACK: Final = {"govstack": "http", "govstacks": "https"}
"""How the address of a GovStack Messaging building block begins, which takes e-mail alone, and how it is called."""


class ReachingSettings(TelephoneSettings, WebhookSettings):
    """A part of `booking.platform.base.settings.Settings`.

    A gateway's address has ``{to}`` in it: one of Apprise's, or one that begins as `GOVSTACK` has it.
    """

    gateway_sms: SecretStr | None = Field(default=None, description="None: people cannot be reached, save in a demo.")
    gateway_email: SecretStr | None = None
    gateway_telegram: SecretStr | None = None
    gateway_whatsapp: SecretStr | None = None
    gateway_calls: int = Field(
        default=8,
        ge=1,
        le=256,
        description="How many notices a run has on their way at once, in all its processes together. One that answers "
        "in 0.2 s takes five a second of each.",
    )
    quiet_from: int = Field(default=21, ge=0, le=23, description="The hour from which only what cannot wait is sent.")
    quiet_until: int = Field(default=8, ge=0, le=23, description="The hour when it ends; the same: no quiet hours.")
    reaching_kept: timedelta = Field(
        default=timedelta(days=180),
        ge=timedelta(days=7),
        description="How long tries of notices and commands by SMS are kept.",
    )
    incoming_sms_number: str | None = Field(
        default=None, pattern=r"^\+?[0-9]{3,15}$", description="The number to which people send commands."
    )
    incoming_sms_secret: SecretStr | None = Field(
        default=None, description="With it the gateway signs what it passes on; several separated by commas."
    )

    @field_validator("gateway_sms", "gateway_email", "gateway_telegram", "gateway_whatsapp")
    @classmethod
    def _has_a_place_for_the_receiver(cls, address: SecretStr | None) -> SecretStr | None:
        if address is not None and (
            "://" not in address.get_secret_value() or address.get_secret_value().count(TO) != 1
        ):
            raise ValueError(f"must be an address of Apprise with {TO} where the receiver stands")
        return address

    @field_validator("gateway_sms", "gateway_email", "gateway_telegram", "gateway_whatsapp")
    @classmethod
    def _takes_what_it_is_for(cls, address: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        parts = urlsplit("" if address is None else address.get_secret_value())
        if parts.scheme in GOVSTACK:
            if info.field_name != "gateway_email":
                raise ValueError("a GovStack Messaging building block takes e-mail alone")
            if not parts.username or not parts.hostname or not parts.path.endswith(f"/{TO}"):
                raise ValueError(f"must be {parts.scheme}://KEY@HOST/BASE/{TO}, with ?from=ADDRESS")
        return address

    @field_validator("incoming_sms_secret")
    @classmethod
    def _signs_webhooks(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            read_secrets(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _takes_messages_wholly(self) -> Self:
        if (self.incoming_sms_number is None) != (self.incoming_sms_secret is None):
            raise ValueError("MAWID_INCOMING_SMS_NUMBER, MAWID_INCOMING_SMS_SECRET go together")
        return self

    def incoming_sms_secrets(self) -> tuple[str, ...]:
        """Return the secrets with which the gateway may sign; none where messages are not taken."""
        return () if self.incoming_sms_secret is None else read_secrets(self.incoming_sms_secret.get_secret_value())

    def gateways(self) -> dict[Channel, SecretStr]:
        """Return the gateways that are set, by channel."""
        named = {
            Channel.SMS: self.gateway_sms,
            Channel.EMAIL: self.gateway_email,
            Channel.TELEGRAM: self.gateway_telegram,
            Channel.WHATSAPP: self.gateway_whatsapp,
        }
        return {channel: address for channel, address in named.items() if address is not None}
