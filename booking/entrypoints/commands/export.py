"""``mawid export``: what an analyst may have, as files in a folder; on the record."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.export.frames import MOST_ROWS, SECONDS, frames
from booking.country.export.tables import note_taken_in
from booking.country.figures.counting import WRITERS, counted_all, latest_draw, written
from booking.country.figures.measures import MEASURES
from booking.country.figures.wanted import Wanted
from booking.entrypoints.commands.fraud_versions import staff_id
from booking.entrypoints.commands.proving import prove_at_terminal
from booking.opening import command_core
from booking.platform.base.settings import load_settings
from booking.platform.models import Account

USUAL_DAYS: Final = 90
AHEAD: Final = timedelta(days=30)


def export(
    folder: Annotated[Path, typer.Argument(help="Where the files go; made if it is not there.")],
    by: Annotated[str, typer.Option("--by", help="The user name of the analyst who does this.")],
    format_: Annotated[str, typer.Option("--format", help="parquet or csv.")] = "parquet",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="90 days ago by default.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="In 30 days by default, for the places ahead."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=20_000_000, help="The most rows of one table.")] = MOST_ROWS,
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="The longest that one table may take.")] = SECONDS,
    demo: Annotated[bool, typer.Option(help="From the demonstration's database.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Write all tables without personal data, and the figures with small counts left out."""
    if format_ not in WRITERS:
        raise typer.BadParameter("parquet or csv", param_hint="--format")
    settings = load_settings()
    if demo:
        settings = settings.model_copy(update={"state_dir": settings.state_dir / "demo"})
    with command_core(settings) as core:
        wanted = Wanted(
            first.date() if first else core.today() - timedelta(days=USUAL_DAYS),
            last.date() if last else core.today() + AHEAD,
        )
        count = write_all(core, folder, wanted=wanted, by=by, ending=format_, seconds=seconds, most=most)
    typer.echo(f"{count} files in {folder}: no names, no numbers, small counts of figures left out")


def write_all(core: Core, folder: Path, *, wanted: Wanted, by: str, ending: str, seconds: int, most: int) -> int:
    """Write the files and return their number; that someone took them is on record before they have them.

    Raises
    ------
    NotFoundError
        There is no such colleague.
    ForbiddenError
        The colleague is not an analyst, or the account is closed.
    WrongSecondFactorError
        The code that is asked for at the terminal is wrong, of another time, or was used.
    TooManyAttemptsError
        Too many codes were tried for this account.
    TooMuchAskedError
        A table takes too long or has too many rows; nothing is written, neither files nor the record.
    """
    account_id = staff_id(core, by)
    with core.sessions() as session:
        require(session.get(Account, account_id), Permission.CHANGE_POLICIES)
    prove_at_terminal(core, account_id)
    tables = frames(core, wanted, seconds=seconds, most=most)
    counted = counted_all(core, list(MEASURES.values()), _with_draw(core, wanted), seconds=seconds)
    together = {f"tables/{name}": frame for name, frame in tables.items()}
    together |= {f"figures/{name}": frame for name, frame in counted.items()}
    lengths = {name: len(frame) for name, frame in together.items()}
    days = {"first": wanted.first.isoformat(), "last": wanted.last.isoformat()}
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, account_id), Permission.CHANGE_POLICIES)
        about = {**days, "format": ending, "tables": lengths}
        note_taken_in(session, core, analyst, "export", rows=sum(lengths.values()), **about)
    for name, frame in together.items():
        path = folder / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(frame, ending)[0])
    return len(together)


def _with_draw(core: Core, wanted: Wanted) -> Wanted:
    return Wanted(wanted.first, wanted.last, draw=latest_draw(core))
