"""Settings of the servers that Mawid uses, and of who may read its measures."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource
from typing_extensions import override

from booking.platform.base.database_address import for_sqlalchemy, is_private
from booking.platform.base.secret_files import SecretFiles
from booking.platform.base.settings_computing import ComputingSettings

SHORTEST_TOKEN: Final = 16
_RECIPIENT: Final = re.compile("age1[02-9ac-hj-np-z]{58}")
LAST_PORT: Final = 65535
DATABASES: Final = (
    *("database_url", "database_owner_url", "database_listen_url", "database_replica_url"),
    "database_reader_url",
)
"""The settings that are an address of PostgreSQL."""


def address_of(text: str) -> tuple[str, int]:
    """Split HOST:PORT, with a numeric host or localhost, an IPv6 one in brackets; raises ValueError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isdecimal() or int(port) > LAST_PORT:
        raise ValueError("must be HOST:PORT")
    if host != "localhost":
        ip_address(host)
    return host, int(port)


class ServerSettings(ComputingSettings):
    """A part of `booking.platform.base.settings.Settings`."""

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
    database_pooled: bool = Field(
        default=False,
        description="MAWID_DATABASE_URL is a pooler's (PgBouncer, transaction mode); see docs/runbook.md.",
    )
    database_listen_url: SecretStr | None = Field(
        default=None, description="Past the pooler: there workers hear of new jobs; none: they look each second."
    )
    database_replica_url: SecretStr | None = Field(
        default=None, description="A standby that what may be seconds old is read from (public pages, figures)."
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
    metrics_address: str | None = Field(
        default=None,
        description="HOST:PORT where this machine's processes are measured, instead of the site's /metrics.",
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

    @field_validator(*DATABASES)
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
        others = self.database_owner_url, self.database_reader_url, self.database_listen_url, self.database_replica_url
        if self.database_url is None and any(others):
            raise ValueError("MAWID_DATABASE_OWNER_URL, …_READER_, …_LISTEN_ and …_REPLICA_URL need MAWID_DATABASE_URL")
        return self

    def plain_servers(self) -> list[str]:
        """Return the variables whose server is reached over a network without TLS, or without asking who it is."""
        plain = [name for name in DATABASES if (url := getattr(self, name)) and not is_private(url.get_secret_value())]
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

    @field_validator("metrics_address")
    @classmethod
    def _is_host_and_port(cls, address: str | None) -> str | None:
        if address is not None:
            address_of(address)
        return address

    @model_validator(mode="after")
    def _shows_strangers_nothing(self) -> Self:
        if self.metrics_address is None or self.metrics_token is not None:
            return self
        host, _ = address_of(self.metrics_address)
        if host != "localhost" and not ip_address(host).is_loopback:
            raise ValueError("MAWID_METRICS_ADDRESS beyond this machine needs MAWID_METRICS_TOKEN")
        return self

    @field_validator("metrics_token")
    @classmethod
    def _is_hard_to_guess_too(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"must have at least {SHORTEST_TOKEN} characters")
        return token
