"""The command ``mawid``: everything that an administrator does at a terminal."""

import logging
import sys
from importlib import metadata
from typing import Annotated

import typer

from booking.entrypoints.commands.by_name import CommandsByName
from booking.entrypoints.commands.told import in_one_line
from booking.platform.base import logs

app = typer.Typer(
    cls=CommandsByName, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer passes it so
    if wanted:
        typer.echo(f"mawid {metadata.version('mawid')}")
        raise typer.Exit


@app.callback()
def _options(
    *, version: Annotated[bool, typer.Option(callback=_tell_version, is_eager=True, help="Show the version.")] = False
) -> None: ...


def main() -> None:
    """Run the command; what is wrong with its input is said in one line, without a traceback."""
    logs.configure(level=logging.WARNING)
    try:
        app()
    except Exception as error:
        said = in_one_line(error)
        if said is None:
            raise
        typer.echo(said, err=True)
        sys.exit(1)
