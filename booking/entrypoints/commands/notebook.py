"""The command ``mawid notebook``."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from booking.entrypoints.notebooks.article import mark_of, read_notebook, read_parts, untranslated
from booking.entrypoints.notebooks.copying import Put, put, translated, write
from booking.entrypoints.notebooks.executing import PEOPLE, ROOT, Ran, execute_all, prepared
from booking.platform.base.settings import Settings, load_settings
from booking.platform.languages.language import SOURCE, Language, read_language

FOLDER: Final = ROOT / "notebooks"
REPORTS: Final = ROOT / "reports" / "notebooks"
_EDITORS: Final = {"jupyterlab": "lab", "notebook": "notebook"}
_INSTALL: Final = """
neither JupyterLab nor Notebook is installed in this Python. Either
  {python} -m pip install jupyterlab      and then mawid notebook again,
or open {folder} in an editor that runs notebooks, with {python} as its kernel:
they find the demonstration's data by themselves. ./run notebooks runs all of them without an editor."""


_LEFT: Final = {
    Put.CHANGED: "{path} was changed here and stays as it is",
    Put.CHANGED_AND_OLD: "{path} was changed here and stays as it is; there is a newer one: rename yours to have both",
}


def notebook(
    name: Annotated[str, typer.Argument(help="A notebook, or the beginning of its name: 02. All, without.")] = "",
    execute: Annotated[bool, typer.Option(help="Run them from first to last cell instead of opening them.")] = False,  # noqa: FBT002 - a switch
    language: Annotated[
        str, typer.Option(help="In this language alone, as copies of your own: ar, en. Without, in both, in place.")
    ] = "",
    missing: Annotated[bool, typer.Option(help="Print what has no text in the language yet, to fill in.")] = False,  # noqa: FBT002 - a switch
    people: Annotated[
        int, typer.Option(min=200, max=200_000, help="Citizens of the demonstration, where one has to be played.")
    ] = PEOPLE,
    at_once: Annotated[int, typer.Option(min=1, max=16, help="Kernels at a time, with --execute.")] = 2,
) -> None:
    """Open the notebooks with data: of MAWID_DATABASE_URL, or of a demonstration, played where there is none."""
    chosen = sorted(FOLDER.glob(f"{name.removesuffix('.ipynb')}*.ipynb"))
    if not chosen:
        raise typer.BadParameter(f"{FOLDER} has no such notebook: they come with the repository", param_hint="NAME")
    spoken = _language(language, missing=missing)
    if missing and spoken is not None:
        _print_missing(chosen, spoken)
        return
    editor = None if execute else _editor()
    if execute:
        _need_nbclient()
    settings = load_settings()
    with prepared(settings, people=people) as variables:
        environment = {**os.environ, **variables}
        if editor is None:
            _run(chosen, spoken, environment, at_once)
        else:
            folder = FOLDER if spoken is None else _copies(settings, spoken)
            command = [sys.executable, "-m", "jupyter", editor, str(folder / chosen[0].name if name else folder)]
            raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - our own words


def _language(code: str, *, missing: bool) -> Language | None:
    """Return the language of a code; None where none is named."""
    there = {SOURCE, *(text.parent.name for text in FOLDER.glob("*/*.md"))}
    if code not in (there - {SOURCE} if missing else there | {""}):
        raise typer.BadParameter(f"choose one of {', '.join(sorted(there))}", param_hint="--language")
    return read_language(code) if code else None


def _print_missing(notebooks: list[Path], language: Language) -> None:
    """Print each cell that has no present translation below the line that its part begins with."""
    for path in notebooks:
        file = path.parent / language.code / f"{path.stem}.md"
        for cell, english in untranslated(read_notebook(path), read_parts(file)):
            typer.echo(f"<!-- {cell} {mark_of(english)} -->\n{english}\n")


def _copies(settings: Settings, language: Language) -> Path:
    """Put a copy of every notebook where an analyst may change it, since they lead to each other; return the folder."""
    folder = settings.state_dir.resolve() / "notebooks" / language.code
    for path in sorted(FOLDER.glob("*.ipynb")):
        copy = folder / path.name
        if left := _LEFT.get(put(translated(path, language), copy)):
            typer.echo(left.format(path=copy), err=True)
    return folder


def _editor() -> str:
    """Return the subcommand of the editor that is installed; end with what to do where none is."""
    for package, subcommand in _EDITORS.items():
        if importlib.util.find_spec(package):
            return subcommand
    typer.echo(_INSTALL.strip().format(python=sys.executable, folder=FOLDER), err=True)
    raise typer.Exit(1)


def _need_nbclient() -> None:
    if importlib.util.find_spec("nbclient") is None:
        typer.echo("nbclient, which runs notebooks, is not installed: ./run notebooks installs it", err=True)
        raise typer.Exit(1)


def _run(notebooks: list[Path], language: Language | None, environment: dict[str, str], at_once: int) -> None:
    reports = REPORTS / language.code if language else REPORTS
    with TemporaryDirectory(prefix="mawid") as made:
        if language:
            for path in notebooks:
                write(translated(path, language), Path(made) / path.name)
            notebooks = [Path(made) / path.name for path in notebooks]
        results = execute_all(notebooks, reports, environment=environment, at_once=at_once, tell=_tell)
    typer.echo(f"with their outputs: {reports}")
    if any(one.failure for one in results):
        raise typer.Exit(1)


def _tell(ran: Ran) -> None:
    figures = f"{ran.english} figures in English, {ran.arabic} in Arabic"
    typer.echo(f"{ran.name:<24} {ran.seconds:5.0f} s  {figures if ran.failure is None else 'failed'}")
    if ran.failure is not None:
        typer.echo(ran.failure, err=True)
