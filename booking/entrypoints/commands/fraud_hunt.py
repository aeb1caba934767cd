"""The command ``mawid fraud hunt``: for each kind of attacker the tactics that earn most; no database."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from booking.platform.computing.own_settings import read_computing_settings
from booking.platform.computing.spread import Computing
from fraud import FIRST_MODEL, train

if TYPE_CHECKING:
    from fraud.hunting import Record

_SHOWN: Final = ("profit", "credulous", "sold", "paid", "money", "places", "share")
_TROUBLES: Final = ("requests", "challenged", "reviewed", "refused")

People = Annotated[int, typer.Option(min=500, max=20_000, help="Honest people in a season.")]
Days = Annotated[int, typer.Option(min=7, max=90)]
Aim = Annotated[
    Literal["profit", "credulous", "share"],
    typer.Option(help="Profit from buyers who know what they had got alone; from all who pay; or most places."),
]
State = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Keeps each trial: the same command goes on where it was ended.")
]


def hunt_command(
    *,
    seed: Annotated[int, typer.Option(help="Of the whole search: equal seeds give equal results.")] = 1,
    people: People = 2_000,
    days: Days = 14,
    demand: Annotated[float, typer.Option(min=0.1, max=20.0, help="People who ask for each place.")] = 2.0,
    tries: Annotated[int, typer.Option(min=8, max=5_000, help="Tactics that each kind tries.")] = 96,
    against: Annotated[
        Literal["gate", "draw", "race"],
        typer.Option(help="The draw behind the gate, the draw alone, or places for the first who come."),
    ] = "gate",
    aim: Aim = "profit",
    judged: Annotated[int, typer.Option(min=1, max=10, help="Seasons of which no search knew, to report on.")] = 10,
    state: State = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="The whole result as JSON.")] = None,
) -> None:
    """Search for the tactics that serve each kind of attacker best, and show what they get from them."""
    # pandas takes a second to load, and no other command needs the hunt.
    from fraud.hunting import Defence, Settings, hunt  # noqa: PLC0415
    from fraud.hunting.response import JUDGING_SEEDS, described, hunted_world  # noqa: PLC0415

    settings = Settings(
        seed=seed, world=hunted_world(people, days, demand), aim=aim, tries=tries, judging=JUDGING_SEEDS[:judged]
    )
    defence = Defence(against, model=train(*FIRST_MODEL) if against == "gate" else None)
    with record_at(state) as record:
        found = hunt(defence, settings, record, tell=_tell).told()
    _show(found)
    if out is not None:
        whole = {"defence": defence.version, "against": against, "settings": described(settings), **found}
        out.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def record_at(state: Path | None) -> Iterator["Record"]:
    """Open the record of a search and what plays its trials; that of another search ends the command with a sentence.

    Raises
    ------
    typer.Exit
        With status 1: the file is the record of another search, or no record at all.
    """
    from fraud.hunting import OtherHuntError, Record  # noqa: PLC0415 - as above

    with Computing(read_computing_settings()).opened() as spread:
        try:
            yield Record(state, spread=spread)
        except OtherHuntError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error


def _tell(done: int, of: int, middle: Mapping[str, float]) -> None:
    now = ", ".join(f"{kind} {value:.4g}" for kind, value in middle.items())
    typer.echo(f"generation {done} of {of}: {now}", err=True)


def _show(found: Mapping[str, Any]) -> None:
    import pandas as pd  # noqa: PLC0415 - as above

    mean = pd.DataFrame.from_dict(found["mean"], orient="index")
    attackers = mean.loc[list(found["tactics"]), list(_SHOWN)]
    honest = mean.drop(index=[*found["tactics"], "officers"])[list(_TROUBLES)]
    honest = honest.assign(**{name: 100 * honest[name] for name in _TROUBLES[1:]})
    for title, table in {
        "tactics": pd.DataFrame(found["tactics"]).map(_short),
        "attackers, mean of the judged seasons; money in dollars": attackers.round(4),
        "honest people, percent of requests": honest.round(3),
        "officers, a season": mean.loc[["officers"], ["cases", "hours"]].round(1),
    }.items():
        typer.echo(f"{title}\n{table.to_string(na_rep='')}\n")


def _short(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value
