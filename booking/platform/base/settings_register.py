"""Settings of the register that says who people are: where it is, how we show who we are, how long we wait."""

from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

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
