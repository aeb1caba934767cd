"""Every setting of Mawid, read once at start from the environment (and ``.env``), then never changed.

Each field is the variable ``MAWID_<FIELD>``; ``.env.example`` lists them all with their meaning.
Durations are ISO 8601 (``PT10M``, ``P2D``); an empty variable means the default.
"""

import os
import secrets
import shlex
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from booking.platform.base.release import folder_of_secrets, is_open_to_others, names_in, warn
from booking.platform.base.settings_reaching import (
    AdapterSettings,
    CitizenProviderSettings,
    ReachingSettings,
    RegisterSettings,
)
from booking.platform.base.settings_servers import BeaconSettings, FilesSettings, TracesSettings

PREFIX: Final = "MAWID_"
SHORTEST_SECRET: Final = 32
KEY_FILE: Final = "secret.key"

Duration = Annotated[timedelta, Field(gt=timedelta(0))]


class SettingsError(Exception):
    """A setting is unknown or unusable; the message names the variables and never their values."""


class Environment(StrEnum):
    """Where Mawid runs; ``PRODUCTION`` refuses what only a demonstration may do."""

    DEMO = "demo"
    PRODUCTION = "production"


class Digits(StrEnum):
    """How numbers are written in Arabic: 0123 or ٠١٢٣."""

    LATIN = "latn"
    ARABIC = "arab"


class SecondFactor(StrEnum):
    """Whether staff need a second step to sign in; ``OFF`` is for demonstrations and tests."""

    REQUIRED = "required"
    OFF = "off"


class Settings(
    FilesSettings,
    ReachingSettings,
    RegisterSettings,
    CitizenProviderSettings,
    BeaconSettings,
    TracesSettings,
    AdapterSettings,
):
    """All settings; frozen, so that nothing changes under a running process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    environment: Environment = Environment.DEMO
    country: str = Field(default="syria", pattern=r"^[a-z][a-z_]*$", description="A folder of booking/country/packs.")
    base_url: str = Field(
        default="http://localhost:8000", pattern=r"^https?://[^/\s]+$", description="How people reach it."
    )
    language: str = Field(default="ar", pattern=r"^[a-z]{2,3}$", description="Of pages until a visitor chooses one.")
    languages_dir: Path | None = Field(
        default=None, description="A folder of languages beside those that come with Mawid, for this installation."
    )
    digits: Digits = Digits.LATIN

    evidence_check_command: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="A program that checks a file on its input: 0 clean, 1 refused."
    )
    secret_key: SecretStr | None = Field(default=None, description="The secret that seals what is stored.")
    secret_key_old: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="Secrets before it, which only open what they sealed; separated by commas."
    )

    workers: int = Field(default=1, ge=1, le=256, description="Web processes.")
    jobs_concurrency: int = Field(default=2, ge=1, le=64, description="Jobs that one worker runs at the same time.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), description="Only these may tell a client's address in X-Forwarded-For; separated by commas."
    )

    session_lifetime: Duration = timedelta(hours=12)
    security_log: Path | None = Field(default=None, description="A file for security events; else standard error.")
    security_syslog: str | None = Field(
        default=None,
        pattern=r"^tls://[^\s/:@]+:\d{1,5}$",
        description="A machine that gets them too, as tls://host:6514.",
    )
    security_syslog_ca_file: Path | None = Field(
        default=None, description="Who may sign its certificate; none: whom the system trusts."
    )
    staff_idle: Duration = Field(default=timedelta(minutes=20), description="After which a staff session ends unused.")
    citizen_idle: Duration = Field(default=timedelta(hours=1), description="The same for everybody else who signed in.")
    sessions_at_most: int = Field(
        default=10, ge=1, le=1000, description="Of one account; where one more begins, the one used longest ago ends."
    )
    public_pages_kept: timedelta = Field(
        default=timedelta(seconds=2), ge=timedelta(0), description="How long a process keeps a public page; 0: not."
    )
    otp_lifetime: Duration = Field(default=timedelta(minutes=10), description="Of a one-time code.")
    hold_lifetime: Duration = Field(default=timedelta(minutes=10), description="Of an instant place before confirming.")
    confirm_within: Duration = Field(default=timedelta(days=2), description="To keep a place that a draw gave.")

    password_hash_memory_kib: int = Field(default=65536, ge=64, description="Memory of one argon2id hash.")
    password_hash_rounds: int = Field(default=3, ge=1, description="Passes of one argon2id hash.")
    password_hash_concurrency: int = Field(default=4, ge=1, description="Hashes at the same time in one process.")

    staff_second_factor: SecondFactor = Field(
        default=SecondFactor.REQUIRED, description="Whether staff must set one up; who has one is always asked for it."
    )
    oidc_issuer: str | None = Field(
        default=None, pattern=r"^https?://[^\s?#]+$", description="Of the provider by which staff may sign in."
    )
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_required_claims: Annotated[tuple[tuple[str, str], ...], NoDecode] = Field(
        default=(), description="What a token must say, as name=value, separated by commas."
    )
    oidc_trusted_acr: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Words for a second factor at the provider that replaces ours; separated by commas."
    )
    oidc_trusted_amr: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="The same, for methods.")

    payment_provider: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_-]*$",
        description="By which online fees are paid; none: by none, and what costs something is not offered.",
    )
    show_outbox: bool = Field(default=False, description="A page shows every notice sent; for demonstrations only.")

    @field_validator("secret_key", "secret_key_old")
    @classmethod
    def _are_long(cls, given: SecretStr | tuple[SecretStr, ...] | None) -> SecretStr | tuple[SecretStr, ...] | None:
        each = given if isinstance(given, tuple) else (given,)
        if any(one is not None and len(one.get_secret_value()) < SHORTEST_SECRET for one in each):
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return given

    @field_validator("evidence_check_command", mode="before")
    @classmethod
    def _as_words(cls, command: object) -> object:
        return tuple(shlex.split(command)) if isinstance(command, str) else command

    @field_validator("secret_key_old", "trusted_proxies", "oidc_trusted_acr", "oidc_trusted_amr", mode="before")
    @classmethod
    def _split(cls, words: object) -> object:
        return [one.strip() for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @field_validator("oidc_required_claims", mode="before")
    @classmethod
    def _as_pairs(cls, claims: object) -> object:
        if not isinstance(claims, str):
            return claims
        pairs = [one.partition("=") for one in claims.split(",") if one.strip()]
        if not all(name.strip() and value.strip() for name, _, value in pairs):
            raise ValueError("must be name=value, separated by commas")
        return [(name.strip(), value.strip()) for name, _, value in pairs]

    @model_validator(mode="after")
    def _names_a_whole_provider(self) -> Self:
        named = [self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret]
        if any(named) and not all(named):
            raise ValueError(f"{PREFIX}OIDC_ISSUER, {PREFIX}OIDC_CLIENT_ID, {PREFIX}OIDC_CLIENT_SECRET go together")
        return self

    @model_validator(mode="after")
    def _is_fit_for_production(self) -> Self:
        if self.environment is Environment.PRODUCTION:
            for problem in self._unfit():
                raise ValueError(problem)
        return self

    def _unfit(self) -> Iterator[str]:
        """Yield what keeps these settings from production, in words."""
        if self.show_outbox:
            yield f"{PREFIX}SHOW_OUTBOX would show everyone's one-time codes: not in production"
        if self.staff_second_factor is SecondFactor.OFF:
            yield f"{PREFIX}STAFF_SECOND_FACTOR cannot be off in production"
        if self.payment_provider == "sandbox":
            yield f"{PREFIX}PAYMENT_PROVIDER is the sandbox, where no money moves: not in production"
        if self.secret_key is None:
            yield f"{PREFIX}SECRET_KEY is needed in production"
        for name in ("base_url", "oidc_issuer", "citizen_oidc_issuer"):
            address = getattr(self, name)
            if address is not None and not address.startswith("https://"):
                yield f"{PREFIX}{name.upper()} must be https in production"
        if (plain := self.plain_servers()) and not self.plain_connections:
            yield (
                f"{' and '.join(plain)} must be reached by a unix socket or by TLS (sslmode=verify-full, rediss://)"
                f" in production; where nobody else is on that network, {PREFIX}PLAIN_CONNECTIONS=true"
            )
        yield from filter(None, (self.unfit_register(), self.unfit_beacon(), self.unfit_webhooks()))


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings from the environment; then from ``env_file``, then from the files in ``MAWID_SECRETS_DIR``.

    Raises
    ------
    SettingsError
        A variable that starts with ``MAWID_``, or a file there, is unknown, or a value is unusable; all are listed. Or,
        in production, others can read a secret in ``env_file``.
    """
    secrets_dir = folder_of_secrets(PREFIX)
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = sorted([*os.environ, *names_in(secrets_dir)])
    problems = [f"{name} is unknown" for name in given if _is_ours(name) and name.upper() not in known]
    try:
        settings = Settings(_env_file=env_file, _secrets_dir=secrets_dir)  # type: ignore[call-arg] # hidden by the fields in the checker's view
    except ValidationError as error:
        problems += [_in_words(tuple(e["loc"]), e["type"], e["msg"]) for e in error.errors()]
        raise SettingsError("; ".join(problems)) from None
    if env_file is not None and is_open_to_others(env_file, PREFIX, Settings.model_fields):
        words = f"{env_file} holds a secret and is open to others: chmod 600 {env_file}"
        if settings.environment is Environment.PRODUCTION:
            problems.append(words)
        else:
            warn(words)
    if problems:
        raise SettingsError("; ".join(problems))
    return settings


def master_secret(settings: Settings) -> bytes:
    """Return the secret that seals what is stored; where none is set, one is made once in the state folder.

    Losing it makes stored national numbers unreadable: it belongs in the backup, apart from the database.

    Raises
    ------
    SettingsError
        The file does not hold a secret, or other users of the machine can read it.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.state_dir / KEY_FILE
    if not path.exists():
        _make_secret(path)
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others: chmod 600")
    secret = path.read_bytes().strip()
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"{path} is too short: restore it from the backup")
    return secret


def secrets_known(settings: Settings) -> tuple[bytes, ...]:
    """Return the secret and those before it, which only open what they sealed; raises as `master_secret`."""
    return (master_secret(settings), *(one.get_secret_value().encode() for one in settings.secret_key_old))


def _make_secret(path: Path) -> None:
    """Write a new secret in full before it gets its name, so that two first processes end with the same one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secret is the one
    finally:
        draft.unlink()


def _is_ours(variable: str) -> bool:
    return variable.upper().startswith(PREFIX)


def _in_words(where: tuple[str | int, ...], kind: str, message: str) -> str:
    """Say which variable is wrong; pydantic names a field in lower case, or a whole variable of ``.env``."""
    if not where:
        return message.removeprefix("Value error, ")
    name = str(where[0]).upper()
    if kind == "extra_forbidden":
        return f"{name} is unknown"
    return f"{name if name.startswith(PREFIX) else PREFIX + name}: {message.removeprefix('Value error, ')}"
