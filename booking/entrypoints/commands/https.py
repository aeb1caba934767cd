"""The command ``mawid https try``: what the proxy in front of the site answers, before people depend on it."""

from typing import Annotated

import typer

from booking.platform.base.https_check import check_https
from booking.platform.base.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def https() -> None:
    """Name the group, which has one command."""


@app.command("try")
def try_https(
    address: Annotated[str, typer.Argument(help="https://HOST; none: MAWID_BASE_URL")] = "",
) -> None:
    """Print what was tried and what came of it; ends with status 1 where something is not as the runbook says."""
    address = address or load_settings().base_url
    if not address.startswith("https://"):
        typer.echo(f"{address} is not an https address")
        raise typer.Exit(1)
    findings = list(check_https(address))
    words = {True: "well", False: "NOT WELL", None: "not tried"}
    for one in findings:
        typer.echo(f"{words[one.well]:9} {one.tried}: {one.found}")
    if any(one.well is False for one in findings):
        raise typer.Exit(1)
