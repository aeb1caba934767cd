"""The command ``mawid forecast``."""

from typing import Annotated

import pandas as pd
import typer

from booking.entrypoints.commands.fraud_models import shown
from booking.opening import command_core
from booking.scheduling.forecast.study import study


def forecast(
    office: Annotated[str, typer.Option(help="Only this office (its code).")] = "",
    service: Annotated[str, typer.Option(help="Only this service (its code).")] = "",
    example: Annotated[bool, typer.Option(help="From four invented years instead of the database.")] = False,  # noqa: FBT002 - a switch
    csv: Annotated[typer.FileTextWrite | None, typer.Option(help="Write the weeks here, as CSV.")] = None,
) -> None:
    """Show how many may ask in the coming weeks, how many may not come, and what could be overbooked."""
    with command_core() as core:
        told = study(core, invented=example)
    if told.outlook is None:
        typer.echo("nobody has asked in a whole week yet: there is nothing to forecast from")
        raise typer.Exit(1)
    weeks = _only(told.outlook.weeks, office=office, service=service)
    if csv is not None:
        weeks.to_csv(csv, index=False)
    else:
        typer.echo(shown(weeks))
    typer.echo(f"\nby {told.outlook.method}, from {told.outlook.known} weeks ({told.outlook.why.value})")
    if told.outlook.tested is None:
        typer.echo("too short for a backtest: the intervals are assumed")
    else:
        typer.echo(told.outlook.tested.scores.to_string(float_format=lambda value: f"{value:.3f}"))
    if told.attendance is not None and told.proposals is not None:
        typer.echo("\nno-shows\n" + shown(_only(told.attendance.cells, office=office, service=service)))
        typer.echo("\ncould be lent by walk-ins to the draw in the coming four weeks; it changes nothing")
        typer.echo(shown(_only(told.proposals, office=office)))


def _only(frame: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    for column, value in wanted.items():
        if value:
            frame = frame[frame[column] == value]
    return frame
