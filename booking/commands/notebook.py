"""The command ``mawid notebook``."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from booking.base.settings import load_settings
from booking.notebooks.executing import Ran, execute_all
from booking.notebooks.opening import ROOT
from booking.notebooks.preparing import PEOPLE, prepared

FOLDER: Final = ROOT / "notebooks"
REPORTS: Final = ROOT / "reports" / "notebooks"
_EDITORS: Final = {"jupyterlab": "lab", "notebook": "notebook"}
_INSTALL: Final = """
neither JupyterLab nor Notebook is installed in this Python. Either
  {python} -m pip install jupyterlab      and then mawid notebook again,
or open {folder} in an editor that runs notebooks, with {python} as its kernel:
they find the demonstration's data by themselves. ./run notebooks runs all of them without an editor."""


def notebook(
    name: Annotated[str, typer.Argument(help="A notebook, or the beginning of its name: 02. All, without.")] = "",
    execute: Annotated[bool, typer.Option(help="Run them from first to last cell instead of opening them.")] = False,  # noqa: FBT002 - a switch
    people: Annotated[
        int, typer.Option(min=200, max=200_000, help="Citizens of the demonstration, where one has to be played.")
    ] = PEOPLE,
    at_once: Annotated[int, typer.Option(min=1, max=16, help="Kernels at a time, with --execute.")] = 2,
) -> None:
    """Open the notebooks with data: of MAWID_DATABASE_URL, or of a demonstration, played where there is none."""
    chosen = sorted(FOLDER.glob(f"{name.removesuffix('.ipynb')}*.ipynb"))
    if not chosen:
        raise typer.BadParameter(f"{FOLDER} has no such notebook: they come with the repository", param_hint="NAME")
    editor = None if execute else _editor()
    if execute:
        _need_nbclient()
    with prepared(load_settings(), people=people) as variables:
        environment = {**os.environ, **variables}
        if editor is None:
            _run(chosen, environment, at_once)
        else:
            command = [sys.executable, "-m", "jupyter", editor, str(chosen[0] if name else FOLDER)]
            raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - our own words


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


def _run(notebooks: list[Path], environment: dict[str, str], at_once: int) -> None:
    results = execute_all(notebooks, REPORTS, environment=environment, at_once=at_once, tell=_tell)
    typer.echo(f"with their outputs: {REPORTS}")
    if any(one.failure for one in results):
        raise typer.Exit(1)


def _tell(ran: Ran) -> None:
    figures = f"{ran.english} figures in English, {ran.arabic} in Arabic"
    typer.echo(f"{ran.name:<24} {ran.seconds:5.0f} s  {figures if ran.failure is None else 'failed'}")
    if ran.failure is not None:
        typer.echo(ran.failure, err=True)
