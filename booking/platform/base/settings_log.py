"""Settings of the public log: who watches it from outside, and how many of them a draw needs."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class LogSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`; `docs/log.md` says what witnesses are."""

    witnesses: Path | None = Field(
        default=None,
        description="A file with a line for each witness of the log: its key, and its address if any.",
    )
    witnesses_needed: int | None = Field(
        default=None, ge=0, le=64, description="Witnesses who must sign before a draw goes on; none: more than half."
    )
