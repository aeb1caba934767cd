"""Commands for the database: bring its schema up to date."""

from datetime import timedelta
from typing import Annotated

import typer

from booking.embedded import start_servers
from booking.schema import PATIENCE
from booking.schema import migrate as bring_up_to_date
from booking.settings import load_settings


def migrate(
    wait: Annotated[
        int, typer.Option(min=1, help="Seconds to wait for another start that migrates, or for a table in use.")
    ] = int(PATIENCE.total_seconds()),
) -> None:
    """Bring the database's schema up to date; does nothing where it is."""
    with start_servers(load_settings()) as servers:
        schema = bring_up_to_date(servers.database_url, patience=timedelta(seconds=wait))
    done = "is up to date" if schema.current else f"made, from {schema.found or 'nothing'}"
    typer.echo(f"schema {schema.needed} {done}")
