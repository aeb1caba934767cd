"""The command ``mawid draw uniqueness``: what the files of a draw tell of single requests."""

from pathlib import Path
from typing import Annotated

import typer

from booking.scheduling.draws.figures import FEWEST
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.uniqueness import measure, read_measured


def uniqueness(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Say how many lines of a draw stand alone by what is shown of them, and to whom."""
    try:
        measures = measure(read_measured(folder))
    except DamagedFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for each in measures:
        alike = each.alike
        typer.echo(
            f"{each.shown} (for {each.to}): {alike.lines} lines, {alike.alone} alone, "
            f"{alike.few} in groups under {FEWEST}"
        )
