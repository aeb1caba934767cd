"""Commands for what Mawid keeps: bring the schema up to date, back everything up, try the backup, restore it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from booking.country.core.roles import migrate_and_grant
from booking.country.core.schema_changes import NOT_THROUGH, PATIENCE, engine_of_changes, finish_in_time, is_lent
from booking.operations.backup.age import AgeError, read_identities
from booking.operations.backup.make import make_backup
from booking.operations.backup.manifest import NAME, checksum
from booking.operations.backup.programs import BackupError
from booking.operations.backup.restore import Opener, restore_backup
from booking.operations.doctor.findings import Report
from booking.operations.recovery.nightly import verify_backup
from booking.operations.upgrade.plan import read_plan
from booking.platform.base.libpq import libpq_address
from booking.platform.base.settings import Settings, SettingsError, load_settings
from booking.platform.embedded import Servers, start_servers

_Regardless = Annotated[
    bool,
    typer.Option("--regardless", help="Do not wait for processes that cannot run beside it: I know that none lives."),
]


def migrate(
    wait: Annotated[
        int,
        typer.Option(min=1, help="Seconds to wait for another start that migrates, a table in use, or old processes."),
    ] = int(PATIENCE.total_seconds()),
    *,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Wait for old processes to end, and do the last steps; status 1 if any is left."),
    ] = False,
    regardless: _Regardless = False,
) -> None:
    """Bring the database's schema up to date, and grant the roles of the settings what they need; may be repeated."""
    patience = timedelta(seconds=wait)
    with _past_any_pooler(load_settings(), "the schema is not changed") as servers:
        schema = migrate_and_grant(servers, patience=patience, always=True, regardless=regardless)
        done = "is up to date" if schema.current else f"made, from {schema.found or 'nothing'}"
        typer.echo(f"schema {schema.needed} {done}")
        if finish and (left := finish_in_time(servers.owner_url, within=patience)):
            for one in left:
                typer.echo(f"left for later: {one.words}")
            raise typer.Exit(1)


def upgrade(
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what will happen; nothing is locked.")] = False,
    regardless: _Regardless = False,
) -> None:
    """Say what each migration will do, lock, and about how long; without --plan, then bring the schema up to date."""
    settings = load_settings()
    with start_servers(settings) if plan else _past_any_pooler(settings, "the schema is not changed") as servers:
        for line in read_plan(servers.owner_url).lines():
            typer.echo(line)
        if not plan:
            migrate_and_grant(servers, always=True, regardless=regardless)


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder, which is made.")],
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Then restore it on trial, and examine it.")] = False,
) -> None:
    """Back up the database and the evidence, while Mawid runs; the secret and .env are not in it."""
    settings = load_settings()
    with _past_any_pooler(settings, "a backup is not made") as servers:
        made = make_backup(folder, dsn=libpq_address(servers.owner_url), settings=settings)
    manifest = made.manifest
    typer.echo(
        f"{folder}: the database (schema {manifest.schema_revision}) and {len(manifest.files) - 1} files of evidence"
    )
    typer.echo(f"SHA-256 of its {NAME}: {checksum(folder / NAME)}")
    if made.identity is None:
        typer.echo("Whoever has it can read the names in it: MAWID_BACKUP_RECIPIENTS has it encrypted.")
    if not made.proven:
        typer.echo("The secret is not known here, so nothing proves that it is yours: a restore asks for --unproven.")
    typer.echo("The secret is not in it: keep MAWID_SECRET_KEY (or secret.key) and .env apart from it.")
    if verify:
        _tell(verify_backup(folder, settings=settings, opener=Opener.from_identity(made.identity)))


_Identity = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A file with the secret key, as age-keygen makes it.")
]


def verify(
    folder: Annotated[Path, typer.Argument(help="What `mawid backup` made.")],
    *,
    identity: _Identity = None,
    scratch: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Where there is room to try it; none: in the state folder, or beside it."
        ),
    ] = None,
) -> None:
    """Try a backup: restore it into a private server that is gone afterwards, and examine what came."""
    _tell(verify_backup(folder, settings=load_settings(), opener=_opener(identity), scratch=scratch))


def restore(
    folder: Annotated[Path, typer.Argument(help="What `mawid backup` made.")],
    *,
    identity: _Identity = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Also one that was made where the secret was not known.")
    ] = False,
) -> None:
    """Restore a backup into an empty database and an empty folder for evidence."""
    settings = load_settings()
    with _past_any_pooler(settings, "a backup is not restored") as servers:
        restored = restore_backup(
            folder,
            dsn=libpq_address(servers.owner_url),
            settings=settings,
            opener=_opener(identity),
            unproven=unproven,
        )
    typer.echo(
        f"restored the database (schema {restored.schema_revision}) and {len(restored.files) - 1} files of evidence;"
        " now `mawid migrate`, `mawid log recover` from a witness's copy, and `mawid doctor`"
    )


@contextmanager
def _past_any_pooler(settings: Settings, refused: str) -> Iterator[Servers]:
    """Yield the servers of the settings; a pooler stands before none of what the role that owns the database does.

    PostgreSQL's programs would change a connection for whom the pooler lends it to next.

    Raises
    ------
    SettingsError
        The address of the role that owns the database is a pooler's, whether the settings say so or not.
    """
    through = SettingsError(f"{refused} {NOT_THROUGH}")
    if settings.database_pooled and settings.database_owner_url is None:
        raise through
    with start_servers(settings) as servers:
        with engine_of_changes(servers.owner_url).connect() as connection:
            if is_lent(connection):
                raise through
        yield servers


def _opener(identity: Path | None) -> Opener:
    if identity is None:
        return Opener()
    try:
        return Opener(read_identities(identity.read_text(encoding="utf-8")))
    except (AgeError, UnicodeDecodeError) as error:
        raise BackupError(f"{identity}: {error}") from None


def _tell(report: Report) -> None:
    for line in report.lines():
        typer.echo(line)
    if not report.ok:
        raise typer.Exit(1)
    typer.echo("restored on trial, and nothing is wrong with it")
