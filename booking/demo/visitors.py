"""The list of people with whom a visitor of a demonstration can try proving who they are."""

from collections.abc import Sequence

from rich.table import Table

from booking.registers.visitors import Visitor


def table_of(people: Sequence[Visitor]) -> Table:
    """Return what can be typed about each, a line a person, for a terminal."""
    table = Table(title="People to try proving with", title_justify="left", box=None, pad_edge=False)
    for column in ("number", "name", "born", "card", "passport", "code by phone", ""):
        table.add_column(column)
    for one in people:
        table.add_row(one.number, one.name, one.birth_date.isoformat(), one.card, one.passport, one.code, one.remark)
    return table
