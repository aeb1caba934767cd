"""``mawid witness``: what somebody outside runs to watch a log. Nothing here opens a database or reads settings."""

import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from booking.platform.base.clock import SystemClock
from booking.platform.base.errors import MawidError
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.log.notes import ED25519, NoteError, read_vkey
from booking.transparency.witness import gossip
from booking.transparency.witness.errors import WitnessError
from booking.transparency.witness.findings import Findings, Found
from booking.transparency.witness.folder import Folder, Log, alone
from booking.transparency.witness.group import accept_deals, assemble_group, deal
from booking.transparency.witness.line import HttpLine, checked_address
from booking.transparency.witness.serve import listen
from booking.transparency.witness.serve import serve as answer_on
from booking.transparency.witness.watch import Watch

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_EVERY: Final = 30
_Folder = Annotated[Path, typer.Argument(help="The witness's folder.")]
_Files = Annotated[list[Path], typer.Argument(help="Files of all witnesses, your own too.")]
_Log = Annotated[str | None, typer.Option("--log", help="Address of the log, such as https://mawid.example/log.")]
_Key = Annotated[
    str | None, typer.Option("--key", help="The log's key, as printed elsewhere; else the log is asked once.")
]
_Every = Annotated[int, typer.Option(min=1, max=3600, help="Seconds between two looks.")]


@app.command()
def new(
    folder: Path,
    name: Annotated[str, typer.Option(help="A name without blanks, such as gazette.example.")],
    url: Annotated[str | None, typer.Option(help="Where it is asked, if it serves.")] = None,
) -> None:
    """Make a folder with new keys, and print the key that the office has to know."""
    made = Folder.new(folder, name, url=url)
    typer.echo(f"Give this line to the office:\n{made.vkey.text}" + (f" {url}" if url else ""))
    typer.echo(f"Give this file to other witnesses, if you make random values with them: {folder / 'identity.json'}")
    typer.echo(f"Show nobody {folder / 'keys'}, and never go back to an old copy of the folder.")


@app.command("deal")
def deal_shares(
    folder: _Folder, files: _Files, need: Annotated[int, typer.Option(help="How many of you must sign.")]
) -> None:
    """First step of making random values together: from the identities of all, deal a share to each."""
    with alone(folder):
        contents = _contents(files)
        typer.echo(f"Send this file to all others: {deal(Folder.open(folder), contents, need)}")
        if warning := Ceremony.of(contents, need).warning:
            typer.echo(warning, err=True)


@app.command()
def accept(folder: _Folder, files: _Files) -> None:
    """Second step: check the deals of all, and keep your share."""
    with alone(folder):
        typer.echo(
            f"All deals are right. Send this file to all others: {accept_deals(Folder.open(folder), _contents(files))}"
        )


@app.command()
def assemble(folder: _Folder, files: _Files) -> None:
    """Third step: write the public file of the group from the acceptances of all."""
    with alone(folder):
        typer.echo(f"Give this file to the office: {assemble_group(Folder.open(folder), _contents(files))}")


@app.command()
def watch(folder: _Folder, log: _Log = None, key: _Key = None, every: _Every = _EVERY) -> None:
    """Look at the log again and again, from behind any router; print what is found."""
    with alone(folder):
        opened = _opened(folder, log, key)
        with HttpLine(opened.log().address) as line:
            watching = Watch(opened, line, SystemClock())
            typer.echo(f"{opened.name} watches {watching.key.name}: {watching.mirror.size} entries known")
            _keep_looking(watching, threading.Event(), every)


@app.command()
def serve(
    folder: _Folder,
    port: int = 8080,
    host: str = "127.0.0.1",
    log: _Log = None,
    key: _Key = None,
    every: _Every = _EVERY,
) -> None:
    """Watch, and be asked for cosignatures and parts of random values over HTTP (behind a proxy with TLS)."""
    with alone(folder):
        opened = _opened(folder, log, key)
        with HttpLine(opened.log().address) as line, listen(host, port) as listening:
            watching, stop = Watch(opened, line, SystemClock()), threading.Event()
            typer.echo(f"{opened.name} is asked at http://{host}:{listening.getsockname()[1]}")
            looking = threading.Thread(target=_keep_looking, args=(watching, stop, every), daemon=True)
            looking.start()
            answer_on(watching, listening)
            stop.set()
            looking.join(every)


@app.command()
def check(folder: _Folder, file: Annotated[Path, typer.Argument(help="A checkpoint, a proof or a receipt.")]) -> None:
    """Compare a checkpoint from elsewhere with what this witness saw: 0 the same, 1 a fork, 2 not known yet."""
    opened = Folder.open(folder)
    with HttpLine(opened.log().address) as line:
        verdict, words = gossip.compare(Watch(opened, line, SystemClock()), _contents([file])[0])
    typer.echo(words)
    raise typer.Exit({gossip.Verdict.SAME: 0, gossip.Verdict.FORK: 1}.get(verdict, 2))


@app.command()
def report(
    folder: _Folder,
    arabic: Annotated[bool, typer.Option("--ar", help="In Arabic.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Print everything that was found; ends with 1 where something contradicts itself."""
    opened = Folder.open(folder)
    found = Findings(opened.path).all()
    for one in found:
        typer.echo(one.line("ar" if arabic else "en"))
    if not found:
        typer.echo("لم يُعثر على شيء" if arabic else "Nothing was found.")
    raise typer.Exit(int(any(not one.notice for one in found)))


def main(arguments: list[str]) -> None:
    """Run the command alone; what is wrong is said in one line."""
    try:
        app(arguments, prog_name="mawid witness")
    except (MawidError, OSError) as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)


def _opened(folder: Path, log: str | None, key: str | None) -> Folder:
    """Open a folder that watches a log, or begin to watch one: its key is asked for once, and kept for good."""
    opened = Folder.open(folder)
    if log is not None:
        address = checked_address(log)
        try:
            text = key or _shown_key(address, opened)
            opened.pin(Log(address, read_vkey(text.strip(), kind=ED25519)))
        except NoteError as error:
            raise WitnessError(f"the log's key: {error}") from None
        typer.echo(f"The log's key: {opened.log().key.text}\nCompare it with the one that the office printed.")
    return opened


def _shown_key(address: str, opened: Folder) -> str:
    if opened.watches():
        return opened.log().key.text
    with HttpLine(address) as line:
        answer = line.get("key")
    if not answer.there:
        raise WitnessError(f"{address} shows no key: name it with --key")
    return answer.body.decode("ascii", "replace").partition("\n")[0]  # the newest; each key signs each checkpoint


def _keep_looking(watching: Watch, stop: threading.Event, every: int) -> None:
    while not stop.is_set():
        try:
            _tell(watching.look())
        except OSError as error:  # such as a full disk: nothing was signed, and the next look tries again
            typer.echo(f"{type(error).__name__}: {error}", err=True)
        stop.wait(every)


def _tell(found: Iterable[Found]) -> None:
    for one in found:
        typer.echo(f"{one.line('en')}\n{one.line('ar')}")
    sys.stdout.flush()


def _contents(files: Iterable[Path]) -> list[bytes]:
    try:
        return [path.read_bytes() for path in files]
    except OSError as error:
        raise WitnessError(str(error)) from None
