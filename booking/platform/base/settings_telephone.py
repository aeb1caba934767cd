"""Settings of phones with keys: by which numbers they are reached, and with what a gateway shows that it is one."""

import re
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from booking.platform.base.webhooks import read_secrets

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
