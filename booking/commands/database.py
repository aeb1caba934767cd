"""Commands for what Mawid keeps: bring the schema up to date, back everything up, restore it."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from booking.backup.make import make_backup
from booking.backup.manifest import NAME, checksum
from booking.backup.restore import restore_backup
from booking.base.libpq import libpq_address
from booking.base.settings import SettingsError, load_settings
from booking.core.roles import migrate_and_grant
from booking.core.schema import PATIENCE
from booking.embedded import start_servers


def migrate(
    wait: Annotated[
        int, typer.Option(min=1, help="Seconds to wait for another start that migrates, or for a table in use.")
    ] = int(PATIENCE.total_seconds()),
) -> None:
    """Bring the database's schema up to date, and grant the roles of the settings what they need; may be repeated."""
    with start_servers(load_settings()) as servers:
        schema = migrate_and_grant(servers, patience=timedelta(seconds=wait), always=True)
    done = "is up to date" if schema.current else f"made, from {schema.found or 'nothing'}"
    typer.echo(f"schema {schema.needed} {done}")


def backup(folder: Annotated[Path, typer.Argument(help="A new folder, which is made.")]) -> None:
    """Back up the database and the evidence, while Mawid runs; the secret and .env are not in it."""
    settings = load_settings()
    if settings.database_pooled and settings.database_owner_url is None:
        raise SettingsError("a backup is not made through a pooler: name the server's own in MAWID_DATABASE_OWNER_URL")
    with start_servers(settings) as servers:
        made = make_backup(folder, dsn=libpq_address(servers.owner_url), evidence=settings.evidence_folder)
    typer.echo(f"{folder}: the database (schema {made.schema_revision}) and {len(made.files) - 1} files of evidence")
    typer.echo(f"SHA-256 of its {NAME}: {checksum(folder / NAME)}")
    typer.echo("The secret is not in it: keep MAWID_SECRET_KEY (or secret.key) and .env apart from it.")


def restore(folder: Annotated[Path, typer.Argument(help="What `mawid backup` made.")]) -> None:
    """Restore a backup into an empty database and an empty folder for evidence."""
    settings = load_settings()
    with start_servers(settings) as servers:
        restored = restore_backup(folder, dsn=libpq_address(servers.owner_url), settings=settings)
    typer.echo(
        f"restored the database (schema {restored.schema_revision}) and {len(restored.files) - 1} files of evidence;"
        " now `mawid migrate`, `mawid log recover` from a witness's copy, and `mawid audit verify`"
    )
