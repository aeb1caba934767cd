"""The command ``mawid fraud rounds``: attackers and defender answer each other; it activates nothing."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from booking.entrypoints.commands.fraud_hunt import Aim, Days, People, State, record_at
from fraud import FIRST_MODEL, train


def rounds_command(
    *,
    seed: Annotated[int, typer.Option(help="Of the whole: equal seeds give equal results.")] = 1,
    people: People = 2_000,
    days: Days = 14,
    tries: Annotated[int, typer.Option(min=8, max=5_000, help="Tactics, and policies, that are tried a round.")] = 48,
    most: Annotated[int, typer.Option(min=1, max=20, help="Rounds at most.")] = 3,
    aim: Aim = "credulous",
    state: State = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="A folder for the curve, and the rules and limits at the end.")
    ] = None,
) -> None:
    """Let attackers and defender answer each other until neither gains, and show what each round left."""
    # pandas takes a second to load, and no other command needs it.
    from fraud.hunting import Defence, Settings  # noqa: PLC0415
    from fraud.hunting.response import hunted_world  # noqa: PLC0415
    from fraud.hunting.rounds import play_rounds  # noqa: PLC0415
    from fraud.hunting.tuning import Tuning  # noqa: PLC0415

    world = hunted_world(people, days)
    settings = Settings(seed=seed, world=world, aim=aim, tries=tries)
    tuning = Tuning(seed=seed, world=world, tries=max(12, tries))
    with record_at(state) as record:
        found = play_rounds(Defence(model=train(*FIRST_MODEL)), settings, tuning, record, most=most, tell=_tell)
    told = [one.told() for one in found]
    _show(told)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "rounds.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        last = found[-1].defence
        for name, text in {"rules": last.rules.text() if last.rules else "", "limits": last.limits}.items():
            if text:
                (out / f"{name}.toml").write_text(text, encoding="utf-8")


def _tell(number: int, move: str) -> None:
    typer.echo(f"round {number}: the defender {move}", err=True)


def _show(told: list[dict[str, Any]]) -> None:
    import pandas as pd  # noqa: PLC0415 - as above

    table = pd.DataFrame([one["judged"] | {"then the defender": one["move"]} for one in told])
    table.index = pd.RangeIndex(1, len(table) + 1, name="round")
    typer.echo(f"what attackers left on the judged seasons\n{table.round(4).to_string()}")
