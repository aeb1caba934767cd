"""The commands ``mawid draw``: one for each step, and the check that needs nothing but the files."""

import json
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from booking.antifraud.gate.versions import publish_limits
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.entrypoints.commands.checked import tell
from booking.entrypoints.commands.uniqueness import uniqueness
from booking.opening import command_core
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.format2.trust import Trust
from booking.scheduling.draws.progress import list_progress
from booking.scheduling.draws.publish_audit import publish_audit
from booking.scheduling.draws.schedule import advance_draws
from booking.scheduling.draws.verification import audit_sample, verify_files

app = typer.Typer(no_args_is_help=True)

app.command()(uniqueness)

Reference = Annotated[str, typer.Argument(help="The draw's public name.")]
Published = Annotated[Path, typer.Argument(exists=True, help="The folder with a draw's published files, or their zip.")]
Arabic = Annotated[
    bool | None, typer.Option("--ar/--en", help="In Arabic or in English; else in the language of the terminal.")
]
_INSTANT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_DAY = ["%Y-%m-%d"]


@app.command()
def limits(
    changes: Annotated[
        list[str] | None, typer.Argument(help="name=value, the value as JSON or a word; null for the default.")
    ] = None,
) -> None:
    """Show the limits that draws run by, after making a quota policy with these changes active."""
    with command_core() as core:
        if changes:
            try:
                version = publish_limits(core, changes=dict(map(_change, changes)))
            except policy_limits.LimitsError as error:
                raise typer.BadParameter(str(error)) from None
            typer.echo(f"quota policy {version} is active")
        with core.sessions() as session:
            active = policy_limits.read(session, DrawLimits)
    for name, value in active.model_dump().items():
        typer.echo(f"{name}={json.dumps(value)}")


@app.command()
def announce(
    reference: Reference,
    opens_at: Annotated[datetime, typer.Option(formats=_INSTANT, help="In UTC.")],
    closes_at: Annotated[datetime, typer.Option(formats=_INSTANT, help="In UTC.")],
    first: Annotated[datetime, typer.Option(formats=_DAY, help="First day of the places.")],
    last: Annotated[datetime, typer.Option(formats=_DAY, help="Last day of the places.")],
    again: Annotated[str | None, typer.Option(help="The abandoned draw that it replaces.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is announced again, for everyone to read.")] = None,
) -> None:
    """Announce a draw and commit to its seed."""
    with command_core() as core:
        draw = draws.announce(
            core,
            reference=reference,
            opens_at=opens_at.replace(tzinfo=UTC),
            closes_at=closes_at.replace(tzinfo=UTC),
            horizon_first=first.date(),
            horizon_last=last.date(),
            again=again,
            reason=reason,
        )
    typer.echo(f"{draw.reference} announced; commitment to the seed: {draw.seed_commitment.hex()}")


@app.command("open")
def open_(reference: Reference) -> None:
    """Open a draw whose time has come."""
    with command_core() as core:
        draw = draws.open_draw(core, reference)
    typer.echo(f"{draw.reference} is {draw.state}")


@app.command()
def close(reference: Reference) -> None:
    """Close a draw: fix requests and places, state them in the log, print the root."""
    with command_core() as core:
        draw = draws.close(core, reference)
    typer.echo(f"{draw.reference} is {draw.state}; root: {draw.root.hex() if draw.root else ''}")


@app.command()
def run(
    reference: Reference,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="As many as there are processors by default; the result does not depend on it."),
    ] = None,
) -> None:
    """Draw, and hand out the places, once the beacon has its value. Safe to repeat."""
    with command_core() as core:
        draw = draws.run(core, reference, workers=workers)
    if draw.waits_for is not None:
        typer.echo(f"{draw.reference} is {draw.state} and waits: {draw.waits_for}")
        return
    figures = draw.figures
    gap = "no bound" if figures["gap"] is None else f"gap {figures['gap']:.4%}"
    typer.echo(
        f"{draw.reference} is {draw.state}: {figures['served_requests']} of {figures['asked_requests']} requests, "
        f"{figures['served_people']} of {figures['asked_people']} people, {gap}"
    )


@app.command()
def publish(reference: Reference) -> None:
    """Publish a draw's seed and files, once witnesses have signed its result."""
    with command_core() as core:
        draw = draws.publish(core, reference)
    what = f"seed: {draw.seed.hex()}" if draw.seed else f"it waits: {draw.waits_for}"
    typer.echo(f"{draw.reference} is {draw.state}; {what}")


@app.command()
def progress() -> None:
    """Say which draws are being closed or drawn now, how far that is, and when it will probably be done."""
    with command_core() as core:
        going = list_progress(core)
    if not going:
        typer.echo("no draw is being closed or drawn now")
    for one in going:
        ends = f", done at about {one.ends_at:%H:%M:%S} UTC" if one.ends_at else ""
        typer.echo(f"{one.reference}: {one.phase}, {one.done:,} of {one.of:,} requests, {one.share:.0%}{ends}")


@app.command()
def audit(reference: Reference) -> None:
    """Publish the value that picks the lines which observers open, if it is there; status 1 where it is not."""
    with command_core() as core:
        there = publish_audit(core, reference)
    typer.echo(f"the value for the audit of {reference} {'is published' if there else 'is not there yet'}")
    if not there:
        raise typer.Exit(1)


@app.command()
def abandon(
    reference: Reference, reason: Annotated[str, typer.Option(prompt=True, help="Why, for everyone to read.")]
) -> None:
    """Give a draw up before it has a result. It stays visible, with the reason, and nobody loses a turn by it."""
    with command_core() as core:
        draw = draws.abandon(core, reference, reason=reason, by=f"command of {getuser()}")
    typer.echo(f"{draw.reference} is {draw.state}: {draw.reason}")


@app.command()
def advance() -> None:
    """Do whatever is due by schedule, as the worker does each minute."""
    with command_core() as core:
        for line in advance_draws(core):
            typer.echo(line)


@app.command()
def export(reference: Reference, folder: Annotated[Path, typer.Argument(file_okay=False)]) -> None:
    """Write the files of a published draw into a folder."""
    with command_core() as core:
        published = draws.files(core, reference)
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in published.items():
        (folder / name).write_bytes(file.content)
        typer.echo(f"{file.sha256}  {folder / name}")


@app.command()
def verify(
    published: Published,
    receipt: Annotated[
        str, typer.Option(help="Check also that a request took part: its receipt in this draw, or the file of it.")
    ] = "",
    before: Annotated[
        list[Path] | None, typer.Option(exists=True, help="A folder or zip of an earlier draw; repeat it.")
    ] = None,
    key: Annotated[str, typer.Option(help="The log's key, as the log itself shows it.")] = "",
    witness: Annotated[
        list[str] | None, typer.Option(help="The key of a witness who must have cosigned in time; repeat it.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A checkpoint of the log, from a witness or a receipt."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="A copy of the whole log: a witness's folder.")
    ] = None,
    arabic: Arabic = None,
) -> None:
    """Check a draw from its published files alone; ends with status 1 where anything is wrong."""
    trust = Trust(key.strip() or None, witness or (), checkpoint.read_bytes() if checkpoint else None, log)
    tell(verify_files(published, receipt=_receipt(receipt), before=before or (), trust=trust), arabic=arabic)


@app.command()
def sample(
    published: Published,
    signature: Annotated[str, typer.Option(help="Of the audit, brought by hand; else that of audit.json.")] = "",
    arabic: Arabic = None,
) -> None:
    """Say which lines an audit opens, and open them with the files of observers; status 1 where one is wrong."""
    tell(audit_sample(published, _hexadecimal(signature, "--signature")), arabic=arabic)


def _receipt(text: str) -> bytes | None:
    """Read the receipt that is given, or the file of it where there is one of this name."""
    try:
        return Path(text).read_bytes() if text and Path(text).is_file() else _hexadecimal(text, "--receipt")
    except OSError as error:
        raise typer.BadParameter(str(error.strerror), param_hint="--receipt") from None


def _hexadecimal(digits: str, option: str) -> bytes | None:
    try:
        return bytes.fromhex(digits) if digits else None
    except ValueError:
        raise typer.BadParameter("expected hexadecimal digits", param_hint=option) from None


def _change(words: str) -> tuple[str, Any]:
    name, equals, value = words.partition("=")
    if not equals:
        raise typer.BadParameter(f"expected name=value, found {words}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
