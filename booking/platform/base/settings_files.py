"""Settings of where encrypted files are kept: a folder, or a bucket of S3."""

from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, model_validator
from typing_extensions import override

from booking.platform.base.settings_servers import ServerSettings

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
