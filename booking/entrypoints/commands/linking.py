"""The commands ``mawid fraud duplicates`` and ``mawid fraud rings``; what they print names nobody."""

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from booking.antifraud.linking.cases import Pair, references
from booking.antifraud.linking.newcomers import MOST_OPEN, find_duplicates, open_duplicates
from booking.antifraud.linking.rings import DAYS, cases_of, find_rings_of_accounts, open_rings
from booking.opening import command_core

_FIGURES: Final = {
    "organisers": "organisers",
    "tools": "tools",
    "clients": "clients",
    "people": "people",
    "requests": "bookings",
    "shared devices": "devices",
    "shared phones": "phones",
}
"""What is printed of a ring's evidence, by the head of its column."""

OpenCases = Annotated[bool, typer.Option("--open-cases", help="Open cases for officers, as the night's job does.")]
Most = Annotated[int, typer.Option(min=1, help="Rows to print.")]


def duplicates(open_cases: OpenCases = False, most: Most = 50) -> None:  # noqa: FBT002 - a switch
    """Compare all people with each other and list the pairs that are probably one person."""
    with command_core() as core:
        opened = open_duplicates(core) if open_cases else 0
        pairs = find_duplicates(core)
        with core.sessions() as session:
            known = references(session, pairs)
    table = _table("case", "person", "and person", "probability", "how far they agree")
    for pair in pairs[:most]:
        people = [person.hex[:8] for person in pair.people]
        table.add_row(known.get(pair.key, "none"), *people, f"{pair.probability:.4f}", _agreement(pair))
    Console().print(table)
    typer.echo(f"{len(pairs)} pairs, {len(known)} of them with a case")
    if open_cases:
        typer.echo(f"{opened} cases opened; a run opens no more than makes {MOST_OPEN} open ones")


def rings(
    open_cases: OpenCases = False,  # noqa: FBT002 - a switch
    days: Annotated[int, typer.Option(min=1, help="How many days of requests join accounts.")] = DAYS,
    most: Most = 50,
) -> None:
    """List the rings of accounts that resell, with who is who in them; registered helpers are left out."""
    with command_core() as core:
        changed = open_rings(core, days=days) if open_cases else 0
        found = find_rings_of_accounts(core, days=days)
        with core.sessions() as session:
            cases = [cases_of(session, ring.accounts) for ring in found]
    table = _table("case", "probability", *_FIGURES)
    for ring, known in zip(found[:most], cases, strict=False):
        figures = [f"{ring.evidence[name]:,}" for name in _FIGURES.values()]
        reference = ", ".join(case.reference for case in known) or "none"
        table.add_row(reference, f"{ring.evidence['probability']:.2f}", *figures)
    Console().print(table)
    typer.echo(f"{len(found)} rings")
    if open_cases:
        typer.echo(f"{changed} cases opened or grown")


def _agreement(pair: Pair) -> str:
    known = {name: level for name, level in pair.levels.items() if level != "unknown"}
    return ", ".join(f"{name.removeprefix('name.')} {level.replace('_', ' ')}" for name, level in known.items())


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table
