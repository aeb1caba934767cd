"""The commands ``mawid log``: what the public log holds, its proofs, and how it comes back after a restored backup."""

from typing import Annotated

import typer
from sqlalchemy import select

from booking.opening import command_core
from booking.platform.models import LogEntry
from booking.transparency.log import views
from booking.transparency.log.recover import go_on
from booking.transparency.log.recover import recover as take_back

app = typer.Typer(no_args_is_help=True)


@app.command("checkpoint")
def checkpoint() -> None:
    """Print the newest checkpoint, as it was signed."""
    with command_core() as core:
        typer.echo(views.checkpoint_text(core), nl=False)


@app.command("proof")
def proof(
    kind: Annotated[str, typer.Argument(help="The type of the entry, such as receipt or statement.")],
    key: Annotated[str, typer.Argument(help="The receipt's digits, or the draw's reference.")],
) -> None:
    """Print the proof that an entry is in the log."""
    with command_core() as core:
        typer.echo(views.proof_text(core, kind, key), nl=False)


@app.command("entries")
def entries(
    begin: Annotated[int, typer.Option("--from", min=0, help="The index of the first one.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
) -> None:
    """Print entries, each behind its index."""
    wanted = select(LogEntry.index, LogEntry.body).where(LogEntry.index >= begin).order_by(LogEntry.index).limit(count)
    with command_core() as core, core.sessions() as session:
        for index, body in session.execute(wanted):
            typer.echo(f"{index}  {body.decode()}")


@app.command("recover")
def recover(
    source: Annotated[str, typer.Argument(help="The folder of a witness, or the address where its copy is.")] = "",
    *,
    no_copy: Annotated[
        bool, typer.Option("--no-copy", help="Nobody has one: go on from the backup, whatever outsiders saw.")
    ] = False,
) -> None:
    """After a restored backup: take the entries that are missing from a witness's copy. Until then the log stands."""
    if bool(source) == no_copy:
        raise typer.BadParameter("name a witness's copy, or say --no-copy")
    with command_core() as core:
        if no_copy:
            go_on(core)
            typer.echo("the log goes on from the backup; tell outsiders why they see another one")
            return
        found = take_back(core, source)
    typer.echo(f"{found} entries were missing and are back" if found else "nothing is missing here")
