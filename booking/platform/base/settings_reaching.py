"""Settings of reaching people: gateways, quiet hours, text messages that come in; and of reaching systems."""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from booking.platform.base.message_states import Channel
from booking.platform.base.webhooks import read_secrets


class AdapterSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    govstack: bool = Field(default=False, description="Whether GovStack's interfaces are answered.")
    mosip_service: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="Of which service MOSIP's booking calls book appointments; none: they are not answered.",
    )


class CitizenProviderSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    citizen_oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="Of the state's provider, by which citizens may sign in.",
    )
    citizen_oidc_client_id: str | None = None
    citizen_oidc_client_secret: SecretStr | None = None
    citizen_oidc_number_claim: str = Field(
        default="national_number", min_length=1, description="Which claim of its token holds the national number."
    )
    citizen_oidc_scope: str = Field(
        default="openid profile",
        pattern=r"^openid( [!#-\[\]-~]+)*$",
        description="What is asked of it; some give the national number for a scope of their own.",
    )
    citizen_oidc_agree: Annotated[tuple[Literal["name", "birth_date"], ...], NoDecode] = Field(
        default=("name", "birth_date"),
        description="What it must tell, and what must be as it was typed here, where it proves a person.",
    )
    phone_change_wait: timedelta = Field(
        default=timedelta(days=7),
        gt=timedelta(0),
        description="Until a phone changes without the old one; its owner can stop it.",
    )
    lost_factor_wait: timedelta = Field(
        default=timedelta(days=3), gt=timedelta(0), description="Until a citizen's lost second factor is forgotten."
    )
    lost_factor_counter_wait: timedelta = Field(
        default=timedelta(days=1),
        gt=timedelta(0),
        description="The same, once an officer compared its owner with a document; the phone can stop it.",
    )

    @field_validator("citizen_oidc_agree", mode="before")
    @classmethod
    def _as_details(cls, words: object) -> object:
        return [one.strip() for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @model_validator(mode="after")
    def _names_a_whole_provider_of_citizens(self) -> Self:
        named = [self.citizen_oidc_issuer, self.citizen_oidc_client_id, self.citizen_oidc_client_secret]
        if any(named) and not all(named):
            raise ValueError(
                "MAWID_CITIZEN_OIDC_ISSUER, MAWID_CITIZEN_OIDC_CLIENT_ID, MAWID_CITIZEN_OIDC_CLIENT_SECRET go together"
            )
        return self


SHORTEST_TOKEN: Final = 16
LONGEST_PATIENCE: Final = timedelta(seconds=30)
"""A thread of the web process waits as long."""


class RegisterSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/identity.md` says what a register has to answer."""

    register_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#@]+$",
        description="Of the register; none: in a demonstration one of invented people, and no start in production.",
    )
    register_token: SecretStr | None = Field(default=None, description="What we show the register as a bearer token.")
    register_ca_file: Path | None = Field(
        default=None, description="Who may sign the register's certificate; none: whom the system trusts."
    )
    register_client_certificate: Path | None = Field(default=None, description="By which the register knows us (PEM).")
    register_client_key: Path | None = Field(default=None, description="Its private key (PEM, not encrypted).")
    register_connect_within: timedelta = Field(default=timedelta(seconds=2), gt=timedelta(0), le=LONGEST_PATIENCE)
    register_silent_for: timedelta = Field(
        default=timedelta(seconds=3), gt=timedelta(0), le=LONGEST_PATIENCE, description="Between parts of an answer."
    )
    register_answer_within: timedelta = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        le=LONGEST_PATIENCE,
        description="From the call to its whole end.",
    )

    @field_validator("register_url")
    @classmethod
    def _has_no_slash_behind(cls, address: str | None) -> str | None:
        return address and address.rstrip("/")

    @field_validator("register_token")
    @classmethod
    def _is_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            words = token.get_secret_value()
            if len(words) < SHORTEST_TOKEN or not words.isascii() or not words.isprintable() or " " in words:
                raise ValueError(f"must be {SHORTEST_TOKEN} or more printable ASCII characters without a space")
        return token

    @model_validator(mode="after")
    def _names_a_whole_certificate(self) -> Self:
        if (self.register_client_certificate is None) != (self.register_client_key is None):
            raise ValueError("MAWID_REGISTER_CLIENT_CERTIFICATE, MAWID_REGISTER_CLIENT_KEY go together")
        return self

    def unfit_register(self) -> str | None:
        """Return why the register is none for production, in words; None where it is one."""
        if self.register_url is None:
            return (
                "MAWID_REGISTER_URL is needed in production: invented people are for demonstrations (docs/identity.md)"
            )
        if not self.register_url.startswith("https://"):
            return "MAWID_REGISTER_URL must be https in production"
        if self.register_token is None and self.register_client_certificate is None:
            return "MAWID_REGISTER_TOKEN or MAWID_REGISTER_CLIENT_CERTIFICATE is needed in production"
        return None


_IN_AN_ADDRESS: Final = re.compile(r"[A-Za-z0-9_-]{32,128}")


class TelephoneSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    ussd_number: str | None = Field(
        default=None, pattern=r"^\*[0-9*]{1,20}#$", description="What people dial for USSD, such as *1515#."
    )
    ussd_octets: int = Field(
        default=160, ge=80, le=160, description="Room on a USSD screen: 160 is 182 Latin or 80 Arabic letters."
    )
    voice_number: str | None = Field(
        default=None, pattern=r"^\+?[0-9]{3,15}$", description="The number that people call for the voice menu."
    )
    telephone_secret: SecretStr | None = Field(
        default=None, description="With it a gateway signs the calls that it passes on; several separated by commas."
    )
    agi_secret: SecretStr | None = Field(
        default=None, description="What Asterisk shows in the address agi://HOST/SECRET; letters, digits, - and _."
    )
    speech_command: str | None = Field(
        default=None, description="Makes speech of the text at its input, with {language}, as a WAV at {file}."
    )
    speech_dir: Path | None = Field(
        default=None, description="Where speech lies while a call lasts; Asterisk reads it under the same path."
    )

    @field_validator("agi_secret")
    @classmethod
    def _stands_in_an_address(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _IN_AN_ADDRESS.fullmatch(secret.get_secret_value()):
            raise ValueError("must be 32 to 128 letters, digits, - and _")
        return secret

    @field_validator("speech_command")
    @classmethod
    def _writes_a_file(cls, command: str | None) -> str | None:
        if command is not None and "{file}" not in command:
            raise ValueError("must hold {file}, where the program writes")
        return command

    @field_validator("telephone_secret")
    @classmethod
    def _signs_calls(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            read_secrets(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _is_told_with_a_gateway(self) -> Self:
        if self.ussd_number is not None and self.telephone_secret is None:
            raise ValueError("MAWID_USSD_NUMBER needs MAWID_TELEPHONE_SECRET: nobody could pass such a call on")
        return self

    def telephone_secrets(self) -> tuple[str, ...]:
        """Return the secrets with which a gateway may sign; none where no call is taken over HTTP."""
        return () if self.telephone_secret is None else read_secrets(self.telephone_secret.get_secret_value())


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
