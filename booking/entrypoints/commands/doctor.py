"""The command ``mawid doctor``: whether this installation is well, and what to do where it is not."""

from typing import Annotated

import typer

from booking.operations.doctor.examine import examine
from booking.operations.doctor.findings import Looked, Report, fault
from booking.platform.base.settings import SettingsError, load_settings


def doctor(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what reads whole tables or asks outside.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Examine this installation while it runs, change nothing, and say what to do; status 1 where a fault was found."""
    try:
        report = examine(load_settings(), quick=quick)
    except SettingsError as error:
        report = Report.of([Looked("settings", findings=(fault(str(error), "correct .env or the environment"),))])
    for line in [report.as_json()] if as_json else report.lines():
        typer.echo(line)
    if not report.ok:
        raise typer.Exit(1)
