"""Telling at a terminal what a check of a draw found, in its language."""

import os

import typer

from booking.scheduling.draws.archive import Report, report_in_arabic


def tell(report: Report, *, arabic: bool | None = None) -> None:
    """Print what was checked, in the language of the terminal where none is given; status 1 where anything is wrong."""
    if arabic is None:
        arabic = terminal_language() == "ar"
    typer.echo(report_in_arabic(report) if arabic else report.words())
    if not report.ok:
        raise typer.Exit(1)


def terminal_language() -> str:
    """Return "ar" or "en"; the first of these variables that says one decides."""
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "ar" if said.startswith("ar") else "en"
