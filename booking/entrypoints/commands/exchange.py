"""The commands ``mawid exchange``: nights in which holders of appointments get others, and their check from files."""

from pathlib import Path
from typing import Annotated

import typer

from booking.opening import command_core
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.schedule import advance_swaps
from booking.scheduling.swaps.verification import verify_folder

app = typer.Typer(no_args_is_help=True)


@app.command()
def advance() -> None:
    """Close and decide what is due, and announce the next night, as the worker does each minute."""
    with command_core() as core:
        for line in advance_swaps(core, at_once=True):
            typer.echo(line)


@app.command()
def export(
    night: Annotated[str, typer.Argument(help="The night's public name.")],
    folder: Annotated[Path, typer.Argument(file_okay=False)],
) -> None:
    """Write the files of a night that is done into a folder."""
    with command_core() as core:
        files = night_files(core, night)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items()):
        (folder / name).write_bytes(content)
        typer.echo(str(folder / name))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The night's files, out of its zip.")],
    key: Annotated[str, typer.Option(help="The log's key, as the log itself shows it.")] = "",
    part: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Your own file, from your appointment's page.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="A copy of the whole log: it tells whether a wish ended before."
        ),
    ] = None,
) -> None:
    """Check a night from its published files alone; ends with status 1 where anything is wrong."""
    try:
        for line in verify_folder(folder, key=key.strip() or None, part=part.read_bytes() if part else None, log=log):
            typer.echo(line)
    except WrongNightError as error:
        typer.echo(f"wrong: {error}", err=True)
        raise typer.Exit(1) from None
