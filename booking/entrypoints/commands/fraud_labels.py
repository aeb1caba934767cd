"""The command ``mawid fraud resold``: an officer records what was found out about a request's place."""

from typing import Annotated

import typer

from booking.entrypoints.commands.fraud_versions import staff_id
from booking.opening import command_core
from booking.scheduling.requests.appeals import confirm_reselling


def resold_command(
    reference: Annotated[str, typer.Argument(help="The request whose place was offered for money.")],
    by: Annotated[str, typer.Option("--by", help="Your user name; you are an officer.")],
    note: Annotated[str, typer.Option(help="How it was found out, for the audit log; no personal data.")],
    wrong: Annotated[bool, typer.Option("--wrong", help="The report was wrong.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Record that a request's place was resold, or with --wrong that such a report was wrong."""
    with command_core() as core:
        confirm_reselling(core, officer_id=staff_id(core, by), reference=reference, resold=not wrong, note=note)
    typer.echo(f"kept: {reference} was {'not ' if wrong else ''}resold; the next training knows it")
