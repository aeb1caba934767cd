"""Settings of the servers that Mawid uses, and of who may read its measures."""

from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from booking.base.database_address import for_sqlalchemy

SHORTEST_TOKEN: Final = 16


class ServerSettings(BaseSettings):
    """A part of `booking.base.settings.Settings`."""

    state_dir: Path = Field(default=Path(".mawid"), description="Private servers, keys, evidence: back it up.")
    database_url: SecretStr | None = Field(default=None, description="PostgreSQL; none: a private server in state_dir.")
    redis_url: SecretStr | None = Field(
        default=None, description="Valkey or Redis (see docs/runbook.md); none: a private one in state_dir."
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="What Prometheus must show for /metrics; none: shown in a demonstration only."
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        """Accept any spelling of a PostgreSQL address; keep SQLAlchemy's, with the driver that is used."""
        return None if url is None else SecretStr(for_sqlalchemy(url.get_secret_value()))

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
