"""The commands ``mawid keys``: which secrets there are, and how one is replaced."""

from collections import Counter
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from booking.country.core.core import Core
from booking.entrypoints.commands.fraud_versions import staff_id
from booking.opening import command_core
from booking.operations.backup.secret_file import save_secrets
from booking.operations.keys.allow import KnownKey, asks_for_code, list_keys
from booking.operations.keys.rotate import Outcome, begin_rotation, renew_lasting_key, seal_everything, waits_for_use
from booking.platform.base.settings import load_settings

By = Annotated[str, typer.Option(help="Your user name; you must be an administrator.")]

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def show() -> None:
    """List secrets by their key ids: which is in use, what each still seals, and when one may be thrown away."""
    table = Table("key id", "is", "in the settings", "since", "seals")
    with command_core() as core:
        for one in list_keys(core):
            table.add_row(
                one.key_id or "(none)",
                _state(one),
                "yes" if one.given else "no",
                f"{one.created_at:%Y-%m-%d}" if one.created_at else "",
                ", ".join(f"{name} {number}" for name, number in sorted(one.seals.items())) or "nothing",
            )
    Console().print(table)


@app.command("save")
def save(
    file: Annotated[Path, typer.Argument(help="A new file, which is made.")],
    recipient: Annotated[list[str], typer.Option(help="A public key of age, age1…; of somebody who opens no backup.")],
) -> None:
    """Keep the secrets apart from the backups: write them into a file that only the recipients can open."""
    save_secrets(file, settings=load_settings(), recipients=recipient)
    typer.echo(f"{file}: the secret and those before it; keep it where no backup is")


@app.command()
def rotate(
    by: By,
    *,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="After a leak: whoever is signed in signs in again.")
    ] = False,
) -> None:
    """Put the secret of the settings into use and seal everything with it, while Mawid runs; may be repeated."""
    done = Counter[str]()
    with command_core() as core:
        account_id = staff_id(core, by)
        if waits_for_use(core) and begin_rotation(core, by=account_id, code=_asked_code(core, account_id)):
            typer.echo(f"the secret with the key id {core.vault.present.key_id.hex()} is in use")
        outcome = seal_everything(
            core, by=account_id, at_once=at_once, told=lambda table, number: done.update({table: number})
        )
    for table, number in sorted(done.items()):
        typer.echo(f"{table}: {number} sealed anew")
    _tell(outcome)


@app.command()
def renew(by: By) -> None:
    """After a leak, while Mawid stands still: replace the key by which people are found and passes are signed."""
    done = Counter[str]()
    with command_core() as core:
        account_id = staff_id(core, by)
        code = _asked_code(core, account_id)
        renew_lasting_key(core, by=account_id, code=code, told=lambda table, number: done.update({table: number}))
    for table, number in sorted(done.items()):
        typer.echo(f"{table}: {number} hashed again")
    typer.echo("the lasting key is replaced: start Mawid again")


def _asked_code(core: Core, account_id: UUID) -> str:
    if not asks_for_code(core, by=account_id):
        return ""
    return str(typer.prompt("Code of your authenticator, or a recovery code", hide_input=True))


def _state(key: KnownKey) -> str:
    if key.present:
        return "in use"
    if key.replaced_at is None:
        return "waiting to be used" if key.given else "sealed before there were ids"
    return f"free from {key.free_from:%Y-%m-%d %H:%M %Z}" if key.free_from else "still needed"


def _tell(outcome: Outcome) -> None:
    for table, number in sorted(outcome.left.items()):
        typer.echo(f"{table}: {number} still sealed with a secret before it")
    if outcome.unreadable:
        typer.echo(f"{outcome.unreadable} values open with none of the secrets that are set: put back the one that did")
    if outcome.free_from is not None:
        typer.echo(f"the secret before may be thrown away from {outcome.free_from:%Y-%m-%d %H:%M %Z} on")
    elif outcome.left:
        typer.echo("keep the secret before, and run this again: these rows are in use, or end by themselves")
    elif outcome.again_from is None:
        typer.echo("everything is sealed with the secret in use")
    else:
        typer.echo(f"nothing is left; keep the secret before, and run this again after {outcome.again_from:%H:%M %Z}")
