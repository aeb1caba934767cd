"""Commands on country packs: check and preview one, load one."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from booking.antifraud.gate.versions import publish_default_rules
from booking.country.catalogue.load import keep_slots_ahead, load_catalogue
from booking.country.packs.loading import load_pack, pack_folder, read_pack
from booking.country.packs.reading import PackError, Problem
from booking.opening import command_core
from booking.platform.base.settings import load_settings
from booking.platform.languages.speech import load_languages

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    pack: Annotated[str, typer.Argument(help="A built-in pack or a folder; left out: the one of the settings.")] = "",
    preview: Annotated[Path | None, typer.Option(help="A folder for each service's page and form as HTML.")] = None,
) -> None:
    """Check a country pack without touching the database: every mistake, its place, and what to write instead."""
    name = pack or load_settings().country
    try:
        read, problems = read_pack(name)
    except PackError as error:
        _explain(pack_folder(name), error.problems)
        typer.echo("Nothing can be loaded until this is right.", err=True)
        raise typer.Exit(1) from error
    _explain(pack_folder(name), problems)
    load_languages(load_settings(), read.country.languages)
    if preview is not None:
        _render(name, preview)
    if problems:
        left_out = f"; left out until they are right: {', '.join(read.left_out)}" if read.left_out else ""
        typer.echo(f"{len(read.services)} services can be used{left_out}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{name}: {len(read.offices)} offices, {len(read.services)} services, no errors")


@app.command()
def load(name: Annotated[str, typer.Argument(help="A built-in pack or a folder.")]) -> None:
    """Load a country pack, and make its slots and first policies; repeating it changes only what is new."""
    pack = load_pack(name)
    with command_core() as core:
        counts = load_catalogue(core, pack=pack)
        slots = keep_slots_ahead(core, pack=pack)
        rules = publish_default_rules(core)
    typer.echo(
        f"{counts['offices']} offices, {counts['services']} services, {slots} new slots, rule set {rules} is active"
    )


def _explain(folder: Path, problems: Sequence[Problem]) -> None:
    """Print each mistake with its line."""
    for problem in problems:
        typer.echo(f"{problem.file}, line {problem.line}", err=True)
        line = _line(folder / problem.file, problem.line)
        if line:
            typer.echo(f"    {line}", err=True)
        typer.echo(f"  {problem.message}\n", err=True)


def _line(path: Path, number: int) -> str:
    if not path.is_file():
        return ""
    lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""


def _render(name: str, folder: Path) -> None:
    """Let the web layer render the pages; the core knows none."""
    command = [sys.executable, "-m", "api.catalogue_preview", name, str(folder)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own module
        raise typer.Exit(1)
