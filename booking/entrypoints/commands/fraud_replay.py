"""The command ``mawid fraud replay``."""

from datetime import datetime
from typing import Annotated

import typer

from booking.antifraud.gate.replay import replay
from booking.opening import command_core


def replay_day(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day; yesterday unless given.")] = None,
) -> None:
    """Repeat a day's verdicts from history and list by fact what came out otherwise; fails where anything did."""
    with command_core() as core:
        found = replay(core, None if day is None else day.date())
    typer.echo(f"{found.day}: {found.repeated} verdicts repeated, {found.skipped} skipped")
    for name, count in found.differences.most_common():
        typer.echo(f"  {name}: {count} verdicts differ")
    if found.differences:
        raise typer.Exit(1)
    typer.echo("  no difference")
