"""The commands ``mawid observe``, for an observer: no database, no settings, one key in one file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from booking.entrypoints.commands.checked import tell, terminal_language
from booking.scheduling.draws.format2.tables import AUDIT, FOR_OBSERVERS, STATEMENT
from booking.scheduling.draws.verification import audit_sample, verify_files
from booking.transparency.log.notes import NoteError
from booking.transparency.observers.fetch import FetchError, Source, fetch_draw
from booking.transparency.observers.keys import ObserverKey

app = typer.Typer(no_args_is_help=True)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where your private key is kept; nobody else reads it.")],
    name: Annotated[str, typer.Option(help="What your key is called in the public log, such as high-court.")],
) -> None:
    """Make a key, and print the line that the office is given."""
    try:
        key = ObserverKey.new(name)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except NoteError as error:
        raise typer.BadParameter(str(error), param_hint="--name") from None
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{key.text}\n")
    typer.echo(key.public_line)


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="Where the office's pages begin, such as https://mawid.example.")],
    draw: Annotated[str, typer.Argument(help="The draw's public name.")],
    folder: Annotated[Path, typer.Argument(file_okay=False)],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Your private key.")],
) -> None:
    """Fetch every file of a draw, check it, and open the lines of its audit; status 1 where anything is wrong."""
    try:
        observer = ObserverKey.read(key.read_text(encoding="utf-8"))
    except (NoteError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{key}: {error}", param_hint="--key") from None
    try:
        for line in fetch_draw(
            Source(url, observer, terminal_language()), draw, folder, closed=FOR_OBSERVERS, since=STATEMENT
        ):
            typer.echo(line)
    except FetchError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    tell(verify_files(folder))
    if (folder / AUDIT).exists():
        tell(audit_sample(folder))
