"""The command ``mawid fraud tune``: policies between attackers' gain and honest people troubled; it activates none."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from booking.entrypoints.commands.fraud_hunt import Days, People, State, record_at
from fraud import FIRST_MODEL, train


def tune_command(
    responses: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="What `mawid fraud hunt --out` wrote: attackers.")
    ],
    *,
    seed: Annotated[int, typer.Option(help="Of the whole search: equal seeds give equal results.")] = 1,
    people: People = 2_000,
    days: Days = 14,
    tries: Annotated[int, typer.Option(min=12, max=5_000, help="Policies that are tried.")] = 60,
    state: State = None,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="A folder for the table, and each policy's rules and limits to propose."),
    ] = None,
) -> None:
    """Search thresholds, lines of the score and limits for the best policies against attackers that were found.

    What an analyst picks goes the way of every draft: `mawid fraud propose rules out/3/rules.toml`, tried on history,
    and activated by a second person.
    """
    # pandas takes a second to load, and no other command needs it.
    from fraud.hunting import Defence  # noqa: PLC0415
    from fraud.hunting.found import tactics_of  # noqa: PLC0415
    from fraud.hunting.response import hunted_world  # noqa: PLC0415
    from fraud.hunting.tuning import Tuning, tune  # noqa: PLC0415

    league = [tactics_of(json.loads(file.read_text(encoding="utf-8"))) for file in responses]
    tuning = Tuning(seed=seed, world=hunted_world(people, days), tries=tries)
    defence = Defence(model=train(*FIRST_MODEL))
    with record_at(state) as record:
        choices = tune(defence, league, tuning, record, tell=_tell)
    told = [choice.told() for choice in choices]
    _show(told)
    if out is not None:
        _write(out, told)


def _tell(done: int, of: int) -> None:
    typer.echo(f"generation {done} of {of}", err=True)


def _show(told: list[dict[str, Any]]) -> None:
    import pandas as pd  # noqa: PLC0415 - as above

    goals = pd.DataFrame([one["goals"] for one in told])
    goals.index = pd.Index(["as it is", *map(str, range(1, len(told)))], name="policy")
    percent = {name: 100 * goals[name] for name in ("share", "challenged", "crowds", "refused")}
    shown = goals.assign(**percent).round(3).to_string()
    typer.echo(f"gain in dollars, shares in percent, hours of officers\n{shown}\n")
    numbers = pd.DataFrame([one["numbers"] for one in told], index=goals.index).T
    typer.echo(f"the policies\n{numbers.round(3).to_string()}")


def _write(out: Path, told: list[dict[str, Any]]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for place, one in enumerate(told):
        folder = out / str(place)
        folder.mkdir(exist_ok=True)
        (folder / "rules.toml").write_text(one.pop("rules"), encoding="utf-8")
        (folder / "limits.toml").write_text(one.pop("limits"), encoding="utf-8")
    (out / "policies.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
