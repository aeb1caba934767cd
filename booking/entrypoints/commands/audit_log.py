"""The commands ``mawid audit``: is the log of what staff did whole, and who looked for a person."""

from pathlib import Path
from typing import Annotated

import typer

from booking.entrypoints.commands.fraud_versions import staff_id
from booking.entrypoints.commands.proving import prove_at_terminal
from booking.opening import command_core
from booking.people.staff.views import verify_audit, who_looked_for
from booking.transparency.log.audit_heads import check_outside

app = typer.Typer(no_args_is_help=True)


@app.command("verify")
def verify(
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="A checkpoint that a witness or a person kept."),
    ] = None,
) -> None:
    """Check the whole chain of the audit log, and that it is what the public log says of it."""
    with command_core() as core:
        length = verify_audit(core)
        if checkpoint is None:
            typer.echo(f"{length} entries, chain intact, and as the public log here says")
            typer.echo(
                "Only this installation's own word was compared: who owns the database can write both anew."
                " Give --checkpoint FILE, which a witness or somebody with a receipt kept."
            )
            return
        seen, compared = check_outside(core, checkpoint.read_bytes())
    typer.echo(f"{length} entries, chain intact; all {seen.size} entries of the public log that outsiders saw are here")
    if compared.heads:
        typer.echo(f"They name {compared.heads} entries of the audit log, up to {compared.last}: all on the chain.")
    else:
        typer.echo("They name no entry of the audit log: take a later checkpoint.")


@app.command("looked-for")
def looked_for(by: Annotated[str, typer.Option(help="Your user name; you may read the audit log.")]) -> None:
    """Say who looked for a person by their national number, which is asked for and shown nowhere."""
    with command_core() as core:
        auditor = staff_id(core, by)
        prove_at_terminal(core, auditor)
        number = typer.prompt("National number", hide_input=True)
        entries = who_looked_for(core, by=auditor, national_number=number)
    for entry in entries:
        typer.echo(f"{entry.at:%Y-%m-%d %H:%M}  {entry.actor}  {entry.action}")
    typer.echo(f"{len(entries)} searches")
