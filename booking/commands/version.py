"""The command that says what is installed, and on which servers it would run: for whoever asks for help."""

import platform
from typing import Annotated, Any, Final

import typer
from redis import RedisCluster
from sqlalchemy import create_engine, text

from booking.base.release import read_release
from booking.base.settings import load_settings
from booking.core.schema import needed_revision, read_schema
from booking.draws.software import versions
from booking.embedded import start_servers
from fraud.limiting.redis_client import connect

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
        client = connect(running.redis_url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
        try:
            typer.echo(_name_and_version(client))
        finally:
            client.close()


def _name_and_version(client: Any) -> str:
    """Ask by the greeting, which every user may say; ``INFO`` is not among what Mawid's may."""
    where = {"target_nodes": RedisCluster.RANDOM} if isinstance(client, RedisCluster) else {}
    told: Any = client.execute_command("HELLO", **where)
    pairs = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    said = {_text(key): _text(value) for key, value in pairs.items()}
    return f"{said['server']} {said['version']}"


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
