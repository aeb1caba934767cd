"""The chances of each group in a draw, as tables for people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.i18n import N_, Words

_TITLES: Final[Mapping[str, str]] = {
    "service": N_("By service"),
    "party": N_("By number of people"),
    "door": N_("By residence"),
    "priority": N_("By draws lost before"),
    "accessible": N_("By need for step-free access"),
}
_FEWER: Final = "fewer"
"""What a report calls the values together that fewer than five requests have."""
_LAST: Final = 1 << 31
_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "door": {"home": N_("At home"), "abroad": N_("Abroad")},
    "accessible": {"yes": N_("Needed"), "no": N_("Not needed")},
}


@dataclass(frozen=True, slots=True)
class Chance:
    """One group: its name, the requests and people that asked, the requests that got a place, and their share."""

    name: str
    asked: int
    people: int
    served: int
    share: float


@dataclass(frozen=True, slots=True)
class ChanceTable:
    """The groups by one trait."""

    title: str
    rows: tuple[Chance, ...]


def chance_tables(figures: Mapping[str, Any], service_names: Mapping[str, str], words: Words) -> list[ChanceTable]:
    """Return the tables of a draw's figures; none where nobody asked, or before there are figures."""
    tables = []
    for trait, title in _TITLES.items():
        groups = figures.get("groups", {}).get(trait, {})
        position, name = _readers(trait, service_names, words)
        rows = tuple(
            Chance(name(value), one["asked"], one["asked_people"], one["served"], one["share"])
            for value, one in sorted(groups.items(), key=lambda item: position(item[0]))
        )
        if rows:
            tables.append(ChanceTable(words.gettext(title), rows))
    return tables


def _readers(
    trait: str, service_names: Mapping[str, str], words: Words
) -> tuple[Callable[[str], int], Callable[[str], str]]:
    """Return what says where a value of a trait stands in its table, and what gives its name."""
    fewer = {_FEWER: words.gettext("All others together")}
    if trait in {"party", "priority"}:
        return (
            lambda value: _LAST if value == _FEWER else int(value),
            lambda value: fewer[value] if value == _FEWER else words.number(int(value)),
        )
    known = fewer | dict(
        service_names if trait == "service" else {value: words.gettext(one) for value, one in _VALUES[trait].items()}
    )
    order = {value: place for place, value in enumerate(known)} | {_FEWER: _LAST}
    return lambda value: order.get(value, len(order)), lambda value: known.get(value, value)
