"""Settings of the machines that compute for Mawid, if there are any."""

from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

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
