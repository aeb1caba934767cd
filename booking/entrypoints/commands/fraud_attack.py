"""The command ``mawid fraud attack``: simulated seasons against what a new installation starts with; no database."""

from functools import partial
from typing import Annotated, Final

import typer

from booking.platform.computing.own_settings import read_computing_settings
from booking.platform.computing.spread import Computing
from fraud import FIRST_MODEL, train

_COUNTS: Final = ("requests", "tries", "limited", "refused", "challenged", "unpassed", "reviewed", "caught")
_PLACES: Final = ("places", "kept", "share", "race", "open_race", "chance", "chance_low", "chance_high")
_COSTS: Final = ("minutes", "money", "money_per_place")
_TROUBLES: Final = ("limited", "challenged", "unpassed", "reviewed", "refused", "counter", "blocked")


def attack(
    seed: Annotated[int, typer.Option(help="Of the first season; the next ones count on from it.")] = 101,
    seasons: Annotated[int, typer.Option(min=1, max=100)] = 1,
    people: Annotated[
        int, typer.Option(min=1_000, max=100_000, help="Honest people who ask; attackers grow alike.")
    ] = 10_000,
    without_proofs: Annotated[  # noqa: FBT002 - an option by its name
        bool, typer.Option("--without-proofs", help="Let anybody ask in any name, as it was before there were proofs.")
    ] = False,
) -> None:
    """Play seasons with attackers against the gate, and show what they got and paid, and who else was troubled."""
    # pandas takes a second to load, and no other command needs the seasons.
    from fraud.attackers import World, play, report  # noqa: PLC0415

    world, model = World(people=people, proofs=not without_proofs), train(*FIRST_MODEL)
    season = partial(play, world=world, model=model)
    with Computing(read_computing_settings()).opened() as spread:
        told = report(list(spread(season, range(seed, seed + seasons))))
    honest = (100 * told.honest[[f"{what}_share" for what in _TROUBLES]]).round(3)
    for title, table in {
        "attackers, requests in a season": told.attackers[list(_COUNTS)].round(1),
        "their places; a chance of 1 is an honest person's": told.attackers[list(_PLACES)].round(4),
        "their costs in a season, minutes and dollars": told.attackers[list(_COSTS)].round(2),
        "honest people, percent of requests": honest.join(told.honest[["requests", "chance"]].round(3)),
        "codes to numbers that earn": told.pumping.round(2).to_frame("a season").T,
        "targets": told.targets.round(5),
    }.items():
        typer.echo(f"{title}\n{table.to_string()}\n")
