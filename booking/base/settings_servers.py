"""Settings of the servers that Mawid uses, and of who may read its measures."""

import re
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource
from typing_extensions import override

from booking.base.database_address import for_sqlalchemy, is_private
from booking.base.secret_files import SecretFiles

SHORTEST_TOKEN: Final = 16
_RECIPIENT: Final = re.compile("age1[02-9ac-hj-np-z]{58}")


class ServerSettings(BaseSettings):
    """A part of `booking.base.settings.Settings`."""

    secrets_dir: DirectoryPath | None = Field(
        default=None, description="A folder with a file for each secret, as mawid_secret_key: what containers mount."
    )
    state_dir: Path = Field(default=Path(".mawid"), description="Private servers, keys, evidence: back it up.")
    backups_dir: Path | None = Field(
        default=None, description="Where a backup is made each night; administrators see how old the last one is."
    )
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Public keys (age1…) of those who can read backups, separated by commas; none: not sealed.",
    )
    backups_kept: int = Field(default=14, ge=1, le=10_000, description="Nightly backups; older ones are removed.")
    database_url: SecretStr | None = Field(default=None, description="PostgreSQL; none: a private server in state_dir.")
    database_owner_url: SecretStr | None = Field(
        default=None, description="The same database as the role that owns it: for migrate, backup, restore alone."
    )
    database_reader_url: SecretStr | None = Field(
        default=None, description="The same database as a role that reads what analysts may see."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Valkey or Redis (see docs/runbook.md); none: a private one in state_dir."
    )
    plain_connections: bool = Field(
        default=False, description="The servers may be reached without TLS in production too: a network of their own."
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="What Prometheus must show for /metrics; none: nobody may read it."
    )

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = getattr(file_secret_settings, "secrets_dir", None)
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls, secrets_dir=folder)

    @field_validator("database_url", "database_owner_url", "database_reader_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        """Accept any spelling of a PostgreSQL address; keep SQLAlchemy's, with the driver that is used."""
        return None if url is None else SecretStr(for_sqlalchemy(url.get_secret_value()))

    @field_validator("backup_recipients", mode="before")
    @classmethod
    def _as_list(cls, words: object) -> object:
        return [one.strip() for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @field_validator("backup_recipients")
    @classmethod
    def _are_public_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_RECIPIENT.fullmatch(key) for key in keys):
            raise ValueError("must be public keys that age-keygen prints: age1 and 58 letters and digits")
        return keys

    @model_validator(mode="after")
    def _names_the_database_itself(self) -> Self:
        if self.database_url is None and (self.database_owner_url or self.database_reader_url):
            raise ValueError("MAWID_DATABASE_OWNER_URL and MAWID_DATABASE_READER_URL need MAWID_DATABASE_URL")
        return self

    def plain_servers(self) -> list[str]:
        """Return the variables whose server is reached over a network without TLS, or without asking who it is."""
        databases = ("database_url", "database_owner_url", "database_reader_url")
        plain = [name for name in databases if (url := getattr(self, name)) and not is_private(url.get_secret_value())]
        if self.redis_url is not None and not self.redis_url.get_secret_value().startswith(("unix:", "rediss")):
            plain.append("redis_url")
        return [f"MAWID_{name.upper()}" for name in plain]

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            from fraud.limiting.redis_client import check_address  # noqa: PLC0415 - with it comes the model's run time: seconds

            check_address(url.get_secret_value())
        return url

    @field_validator("metrics_token")
    @classmethod
    def _is_hard_to_guess_too(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"must have at least {SHORTEST_TOKEN} characters")
        return token
