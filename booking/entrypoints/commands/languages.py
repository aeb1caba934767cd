"""Commands on languages: what is missing in one, what is wrong with it, how far each one is."""

import subprocess
import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="A language with a folder, such as ku.")]


@app.command()
def missing(code: Code) -> None:
    """Print what citizens read that has no translation yet, as a PO file ready to fill; the Arabic stands beside it."""
    _run("missing", code)


@app.command()
def check(code: Code) -> None:
    """Print what is wrong: sentences that nobody says any more, blanks that differ, files that cannot be used."""
    _run("check", code)


@app.command()
def shares() -> None:
    """Print how many of citizens' sentences each language has."""
    _run("shares")


def _run(*arguments: str) -> None:
    """Let the web layer look: it knows which page says what."""
    if subprocess.run([sys.executable, "-m", "api.translations", *arguments], check=False).returncode:  # noqa: S603 - our own module
        raise typer.Exit(1)
