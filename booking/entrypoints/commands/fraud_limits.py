"""The command ``mawid fraud limits``: check rate limits and make them active, or show those that are."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from booking.antifraud.gate.versions import publish_rate_limits
from booking.country.core.core import Core
from booking.opening import command_core
from booking.platform.models import LimitSetVersion
from fraud.limiting.limits import PolicyError
from fraud.limiting.text import default_limits_source, parse_limits


def limits(
    file: Annotated[
        Path | None, typer.Argument(help="A file of limits; without one, the active limits are shown.")
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only check the file; nothing is published.")] = False,
) -> None:
    """Check a file of rate limits and make it the active set; every process follows within seconds."""
    if file is None:
        with command_core() as core:
            typer.echo(active_limits(core), nl=False)
        return
    try:
        source = file.read_text(encoding="utf-8")
        version = parse_limits(source).version
    except (PolicyError, OSError, UnicodeDecodeError) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None
    if check:
        typer.echo(f"{file} is a sound set of limits ({version})")
        return
    with command_core() as core:
        typer.echo(f"limit set {publish_rate_limits(core, source=source)} ({version}) is active")


def active_limits(core: Core) -> str:
    """Return the text of the active limits: the built-in ones where none were published."""
    with core.sessions() as session:
        source = session.scalar(select(LimitSetVersion.source).where(LimitSetVersion.active))
    return default_limits_source() if source is None else source
