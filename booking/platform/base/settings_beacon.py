"""Settings of the beacon that decides draws together with the operator's seed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from booking.platform.base.settings_log import LogSettings

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
