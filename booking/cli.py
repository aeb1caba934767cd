"""The command ``mawid``: everything that an administrator does at a terminal."""

import logging
import sys
from importlib import metadata
from typing import Annotated, Final

import typer

from booking.backup.programs import BackupError
from booking.base import logs
from booking.base.errors import MawidError
from booking.base.outages import OUTAGES, in_one_line
from booking.base.server_error import ServerError
from booking.base.settings import SettingsError
from booking.commands.audit_log import app as audit_commands
from booking.commands.beacon import app as beacon_commands
from booking.commands.catalogue import app as catalogue_commands
from booking.commands.computing import app as computing_commands
from booking.commands.database import backup, migrate, restore, upgrade, verify
from booking.commands.doctor import doctor
from booking.commands.draw import app as draw_commands
from booking.commands.export import export
from booking.commands.files import app as file_commands
from booking.commands.forecast import forecast
from booking.commands.fraud import app as fraud_commands
from booking.commands.https import app as https_commands
from booking.commands.keys import app as key_commands
from booking.commands.languages import app as language_commands
from booking.commands.notebook import notebook
from booking.commands.notices import app as notice_commands
from booking.commands.observe import app as observe_commands
from booking.commands.public_log import app as log_commands
from booking.commands.register import app as register_commands
from booking.commands.staff import app as staff_commands
from booking.commands.version import version as tell_versions
from booking.commands.watch import app as watch_commands
from booking.commands.witness import app as witness_commands
from booking.computing.errors import PieceKillsWorkersError
from booking.core import audit
from booking.core.key_check import WrongSecretError
from booking.core.queues import Queue
from booking.core.schema import SchemaError
from booking.files.errors import FilesAwayError, MoveRunningError
from booking.jobs import make_app
from booking.keys.errors import RotationError
from booking.languages.language import LanguageError
from booking.notebooks.opening import NoDataError
from booking.opening import command_core, require_own_country
from booking.packs.problems import PackError
from booking.serving import serve as serve_web
from booking.transparency.nodes import DamagedLogError
from booking.transparency.notes import NoteError
from booking.upgrade.older_pages import await_older_pages
from booking.worker.life import WorkerError, work
from fraud.facts import FactError
from fraud.rules.rule_set import RuleError
from fraud.scoring.artifact import ArtifactError
from fraud.scoring.evaluate import EvaluationError
from fraud.scoring.splits import TrainingError

TOLD: Final = (
    *(MawidError, SettingsError, SchemaError, WrongSecretError, ServerError, WorkerError, BackupError, NoDataError),
    *(audit.BrokenChainError, RotationError, RuleError, ArtifactError, TrainingError, EvaluationError, FactError),
    *(NoteError, DamagedLogError, LanguageError, FilesAwayError, MoveRunningError, PieceKillsWorkersError),
)
"""What a command reports in one line."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(catalogue_commands, name="catalogue")
app.add_typer(language_commands, name="languages")
app.add_typer(audit_commands, name="audit")
app.add_typer(draw_commands, name="draw")
app.add_typer(beacon_commands, name="beacon")
app.add_typer(fraud_commands, name="fraud")
app.add_typer(staff_commands, name="staff")
app.add_typer(watch_commands, name="watch")
app.add_typer(notice_commands, name="notices")
app.add_typer(register_commands, name="register")
app.add_typer(key_commands, name="keys")
app.add_typer(https_commands, name="https")
app.add_typer(file_commands, name="files")
app.add_typer(witness_commands, name="witness")
app.add_typer(observe_commands, name="observe")
app.add_typer(log_commands, name="log")
app.add_typer(computing_commands, name="computing")
app.command()(forecast)
app.command()(notebook)
app.command()(migrate)
app.command()(upgrade)
app.command()(backup)
app.command()(restore)
app.command()(verify)
app.command()(doctor)
app.command("version")(tell_versions)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer passes it so
    if wanted:
        typer.echo(f"mawid {metadata.version('mawid')}")
        raise typer.Exit


@app.callback()
def _options(
    *, version: Annotated[bool, typer.Option(callback=_tell_version, is_eager=True, help="Show the version.")] = False
) -> None: ...


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    worker: Annotated[bool, typer.Option(help="Run a worker for jobs beside them.")] = True,  # noqa: FBT002 - a switch
) -> None:
    """Serve the pages and the API, with a worker for jobs beside them, unless workers run elsewhere."""
    raise typer.Exit(serve_web(host=host, port=port, worker=worker))


@app.command()
def worker(
    queue: Annotated[
        list[Queue] | None,
        typer.Option(help="Take jobs of this queue alone; may be repeated. Some worker has to take each of them."),
    ] = None,
) -> None:
    """Run jobs: draws on schedule, expiry, notices, slots."""
    with command_core(upgrade=True) as core:
        require_own_country(core)
        await_older_pages(core)
        work(core, make_app, queues=queue or ())


app.command("export")(export)


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=200, max=200_000, help="Citizens and expatriates who ask.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed plays the same day.")] = 1,
    serve: Annotated[bool, typer.Option(help="Serve the pages after the report.")] = True,  # noqa: FBT002 - a switch
    host: str = "127.0.0.1",
    port: int = 8000,
) -> None:
    """Play a booking day in a synthetic country, print what happened, then serve the pages."""
    from booking.demo.play import play  # noqa: PLC0415 - only this command needs the simulated country

    raise typer.Exit(play(people=people, seed=seed, serve=serve, host=host, port=port))


def main() -> None:
    """Run the command; what is wrong with its input is said in one line, without a traceback."""
    logs.configure(level=logging.WARNING)
    try:
        app()
    except PackError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except TOLD as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)
    except OUTAGES as error:
        typer.echo(f"{type(error).__name__}: {in_one_line(error)}", err=True)
        sys.exit(1)
