"""Settings of the servers that Mawid uses, and of who may read its measures."""

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource
from typing_extensions import override

from booking.platform.base.database_address import for_sqlalchemy, is_private
from booking.platform.base.release import SecretFiles

OPEN: Final = (
    "without certificates every user of this machine could run any code as whoever computes here: tls:// with"
    " MAWID_DASK_CA, MAWID_DASK_CERTIFICATE and MAWID_DASK_KEY; or, where nobody else has a login or a process on it,"
    " MAWID_DASK_OPEN_ON_THIS_MACHINE=true"
)


class ComputingSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/deploying.md` says what such machines are for."""

    dask_address: str | None = Field(
        default=None,
        description="A Dask scheduler for heavy computing, tls://HOST:PORT; none: each process computes by itself.",
    )
    dask_ca: Path | None = Field(
        default=None, description="Who signs the certificates of those who compute together, and nobody else's."
    )
    dask_certificate: Path | None = Field(default=None, description="This process's certificate among them.")
    dask_key: Path | None = Field(default=None, description="The key of that certificate.")
    dask_open_on_this_machine: bool = Field(
        default=False,
        description="Compute on this machine without certificates, although then each of its users may run any code"
        " as those who compute and as Mawid's workers: only where nobody else has a login or a process.",
    )

    @field_validator("dask_address")
    @classmethod
    def _is_scheduler(cls, address: str | None) -> str | None:
        if address is not None:
            split_address(address)
        return address

    @model_validator(mode="after")
    def _computes_with_nobody_unknown(self) -> Self:
        files = self.dask_ca, self.dask_certificate, self.dask_key
        if any(files) and not all(files):
            raise ValueError("MAWID_DASK_CA, MAWID_DASK_CERTIFICATE and MAWID_DASK_KEY go together")
        if self.dask_address is None:
            return self
        scheme, host, _ = split_address(self.dask_address)
        if scheme == "tls" and not all(files):
            raise ValueError("MAWID_DASK_ADDRESS by tls needs MAWID_DASK_CA, MAWID_DASK_CERTIFICATE and MAWID_DASK_KEY")
        if scheme == "tcp" and not is_loopback(host):
            raise ValueError("MAWID_DASK_ADDRESS beyond this machine must be tls://: names and birth dates go there")
        if scheme == "tcp" and not self.dask_open_on_this_machine:
            raise ValueError(OPEN)
        return self


def split_address(text: str) -> tuple[str, str, int]:
    """Split tls://HOST:PORT or tcp://HOST:PORT into its three; raises ValueError."""
    parts = urlsplit(text)
    port = parts.port
    if parts.scheme not in {"tcp", "tls"} or not parts.hostname or not port or parts.netloc.rpartition(":")[2] == "":
        raise ValueError("must be tls://HOST:PORT, or tcp://127.0.0.1:PORT on this machine")
    return parts.scheme, parts.hostname, port


def is_loopback(host: str) -> bool:
    """Return whether a host can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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


LONGEST_PATIENCE: Final = timedelta(seconds=30)
"""A thread of the web process waits as long."""
_WORD: Final = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"


class FilesSettings(ServerSettings):
    """A part of `booking.platform.base.settings.Settings`; without a bucket files are in a folder."""

    evidence_dir: Path | None = Field(
        default=None, description="Encrypted evidence, shared by all processes: back it up. None: in state_dir."
    )
    s3_bucket: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="A bucket for encrypted files, in place of the folder; none: the folder.",
    )
    s3_endpoint: str | None = Field(
        default=None, pattern=r"^https?://[^\s?#@]+$", description="Of the bucket's service; none: that of AWS."
    )
    s3_region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$", description="Of the bucket.")
    s3_prefix: str = Field(
        default="", pattern=rf"^(?:{_WORD}(?:/{_WORD})*)?$", description="Of our names in the bucket."
    )
    s3_access_key: SecretStr | None = Field(
        default=None, description="Its keys; none: those of the machine's own role."
    )
    s3_secret_key: SecretStr | None = None
    s3_ca_file: Path | None = Field(
        default=None, description="Who else may sign its certificate (PEM), besides whom the system trusts."
    )
    s3_answer_within: timedelta = Field(
        default=timedelta(seconds=10),
        gt=timedelta(0),
        le=LONGEST_PATIENCE,
        description="From a call of the bucket to its whole end.",
    )
    s3_beside_folder: bool = Field(
        default=False, description="What the bucket has not is read from the folder: until `mawid files move` is done."
    )

    @property
    def evidence_folder(self) -> Path:
        """Where files are kept without a bucket, and where they were before they are moved to it."""
        return self.evidence_dir or self.state_dir / "evidence"

    @property
    def s3_is_plain(self) -> bool:
        """Whether the bucket is reached without TLS."""
        return self.s3_endpoint is not None and self.s3_endpoint.startswith("http://")

    @override
    def plain_servers(self) -> list[str]:
        """Add the bucket's service to the servers that are reached without TLS."""
        return [*super().plain_servers(), *(["MAWID_S3_ENDPOINT"] if self.s3_bucket and self.s3_is_plain else [])]

    @model_validator(mode="after")
    def _names_a_whole_bucket(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError("MAWID_S3_ACCESS_KEY, MAWID_S3_SECRET_KEY go together")
        others = (self.s3_endpoint, self.s3_access_key, self.s3_ca_file, self.s3_beside_folder, self.s3_prefix)
        if self.s3_bucket is None and any(others):
            raise ValueError("MAWID_S3_… need MAWID_S3_BUCKET")
        return self


class LogSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/log.md` says what witnesses are."""

    witnesses: Path | None = Field(
        default=None,
        description="A file with a line for each witness of the log: its key, and its address if any.",
    )
    witnesses_needed: int | None = Field(
        default=None, ge=0, le=64, description="Witnesses who must sign before a draw goes on; none: more than half."
    )


DRAND_RELAYS: Final = (
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
)


class BeaconKind(StrEnum):
    """Who makes the value that nobody has before a draw is closed."""

    OWN = "own"
    """The installation alone, which is no beacon: for demonstrations."""
    DRAND = "drand"
    WITNESSES = "witnesses"


class BeaconSettings(LogSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/beacon.md` says how to choose."""

    beacon: BeaconKind = Field(
        default=BeaconKind.OWN, description="own, drand or witnesses; own is refused in production."
    )
    beacon_group: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Files of groups of witnesses, the newest first: older ones end what they began."
    )
    drand_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=DRAND_RELAYS, description="Relays of drand, asked in this order; separated by commas."
    )

    @field_validator("beacon_group", "drand_urls", mode="before")
    @classmethod
    def _split_list(cls, words: object) -> object:
        return [one.strip().rstrip("/") for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @field_validator("drand_urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if not urls or not all(url.startswith(("https://", "http://")) for url in urls):
            raise ValueError("must be https addresses, separated by commas")
        return urls

    def unfit_beacon(self) -> str | None:
        """Return why the beacon is none for production, in words; None where it is one."""
        if self.beacon is BeaconKind.OWN:
            return (
                "MAWID_BEACON must be drand or witnesses in production: an installation that makes its own chance"
                " could choose who wins (docs/beacon.md)"
            )
        if self.beacon is BeaconKind.WITNESSES and not self.beacon_group:
            return "MAWID_BEACON_GROUP is needed where MAWID_BEACON is witnesses: the group's file (docs/beacon.md)"
        if self.beacon is BeaconKind.DRAND and (self.witnesses is None or self.witnesses_needed == 0):
            return (
                "MAWID_WITNESSES is needed where MAWID_BEACON is drand: without witnesses nobody can tell that the"
                " closing was fixed before the round came out (docs/log.md)"
            )
        if not all(url.startswith("https://") for url in self.drand_urls):
            return "MAWID_DRAND_URLS must be https in production"
        return None


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
