"""The command that says what is installed, and on which servers it would run: for whoever asks for help."""

import platform
from typing import Annotated, Final

import typer
from sqlalchemy import create_engine, text

from booking.country.core.schema import needed_revision, read_schema
from booking.platform.base.release import read_release
from booking.platform.base.settings import load_settings
from booking.platform.embedded import start_servers
from booking.scheduling.draws.statement import versions
from fraud.limiting.redis_client import connect, greetings

_SECONDS: Final = 5.0
_SERVER: Final = text("SELECT current_setting('server_version')")


def version(
    *, servers: Annotated[bool, typer.Option(help="Ask the servers of the settings for theirs too.")] = False
) -> None:
    """Say which versions are installed: Mawid and its commit, the schema that it needs, Python, what decides draws."""
    release = read_release()
    typer.echo(f"mawid {release.version}")
    typer.echo(f"revision {release.revision or 'not known'}")
    typer.echo(f"schema {needed_revision()}")
    for name, number in versions().items():
        if name != "mawid":
            typer.echo(f"{name} {number}")
    typer.echo(f"system {platform.system()} {platform.release()} {platform.machine()}")
    if servers:
        _tell_servers()


def _tell_servers() -> None:
    settings = load_settings()
    with start_servers(settings) as running:
        schema = read_schema(running.owner_url)
        engine = create_engine(running.owner_url)
        try:
            with engine.connect() as connection:
                typer.echo(f"postgresql {connection.scalar(_SERVER)}, schema {schema.found or 'none yet'}")
        finally:
            engine.dispose()
        with connect(running.redis_url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as client:
            for said in sorted({f"{told['server']} {told['version']}" for told in greetings(client)}):
                typer.echo(said)
