"""The commands about the gate's model: train, look at it, watch it beside the active one."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from booking.antifraud.gate.fairness import fairness_of
from booking.antifraud.gate.training import train_from_history
from booking.antifraud.gate.versions import MODEL, propose_model, publish_model
from booking.antifraud.gate.watching import compare_shadow, drift, read_model, thresholds
from booking.country.core.core import Core
from booking.country.versions.steps import any_version, start_shadow
from booking.entrypoints.commands.fraud_versions import staff_id
from booking.opening import command_core
from fraud import FIRST_MODEL
from fraud import train as train_simulated
from fraud.scoring.artifact import Artifact
from fraud.scoring.card import model_card

Days = Annotated[int, typer.Option(min=1, help="How many days to look back.")]


def train_command(
    seed: int = FIRST_MODEL[0],
    rows: Annotated[int, typer.Option(min=2000, help="Of the simulated history.")] = FIRST_MODEL[1],
    from_history: Annotated[bool, typer.Option("--from-history", help="Train on what became known here.")] = False,  # noqa: FBT002
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Read nothing that became known on this day (the country's) or later."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="The analyst who proposes it; not needed for the first.")] = None,
) -> None:
    """Train a model and keep it as a draft; the very first one of an installation becomes active at once."""
    if as_of is not None and not from_history:
        raise typer.BadParameter("a simulated history has no day to look back from; add --from-history")
    with command_core() as core:
        first = not any_version(core, MODEL)
        if not first and by is None:
            raise typer.BadParameter("--by says which analyst proposes it")
        who = None if by is None else staff_id(core, by)
        if from_history:
            artifact = train_from_history(core, as_of=day_begins(core, as_of), seed=seed)
        else:
            artifact = train_simulated(seed, rows)
        if who is None or first:
            told = f"model {publish_model(core, artifact=artifact)} is active, the first one"
        else:
            version = propose_model(core, data=artifact.to_bytes(), by=who)
            told = f"model {version} is a draft; next: mawid fraud shadow {version} --by {by}"
    typer.echo(told)
    typer.echo(figures_of(artifact))


def day_begins(core: Core, day: datetime | None) -> datetime:
    """Return the instant at which a day begins in the country; now without a day."""
    return core.clock.now() if day is None else day.replace(tzinfo=ZoneInfo(core.pack.country.time_zone))


def figures_of(artifact: Artifact) -> str:
    """Show how well a model does on the rows that it was measured on, and its thresholds."""
    metrics = ", ".join(
        f"{name} {value}" if isinstance(value, int) else f"{name} {value:.4f}"
        for name, value in artifact.about["metrics"].items()
    )
    lines = artifact.thresholds
    return (
        f"measured on later requests of other people: {metrics}\nthresholds {lines.challenge:.4f}, {lines.review:.4f}"
    )


def shadow_command(
    version: Annotated[int | None, typer.Argument(help="The draft to put in shadow.")] = None,
    by: Annotated[str | None, typer.Option(help="The analyst who does this.")] = None,
    days: Days = 30,
) -> None:
    """Let a draft score beside the active model; without a version, compare the one that does."""
    with command_core() as core:
        if version is not None:
            if by is None:
                raise typer.BadParameter("--by says who does this")
            start_shadow(core, MODEL, version=version, by=staff_id(core, by))
            typer.echo(f"model {version} scores in shadow; it decides nothing. Compare: mawid fraud shadow")
            return
        number, found = compare_shadow(core, days=days)
    typer.echo(f"model {number} in shadow; the same step for {found.agree:.1%} of requests\n")
    typer.echo("champion (rows) against challenger (columns):\n" + found.agreement.to_string() + "\n")
    typer.echo(shown(found.by_group) + "\n")
    for who, figures in found.metrics.items():
        typer.echo(f"{who}: " + (", ".join(f"{name} {value:.4g}" for name, value in figures.items()) or "no labels"))
        typer.echo(shown(found.calibration[who]))


def drift_command(days: Days = 7) -> None:
    """Show which facts look different from those that taught the active model, and how true its scores are."""
    with command_core() as core:
        report, calibration = drift(core, days=days)
    typer.echo(shown(report) + "\n\nscores against what became known:\n" + shown(calibration))


def fairness_command(version: Annotated[int | None, typer.Argument(help="By default the active one.")] = None) -> None:
    """Show which honest people a model troubles more than others; fails where the policy's bound is broken."""
    with command_core() as core, core.sessions() as session:
        report, found = fairness_of(session, core, read_model(core, version))
    typer.echo(shown(report))
    if found:
        typer.echo("beyond the bound: " + "; ".join(map(str, found)), err=True)
        raise typer.Exit(1)
    typer.echo("no group is troubled more than the policy allows")


def thresholds_command(days: Days = 30) -> None:
    """Show what each threshold would have cost officers and honest people in the last days."""
    with command_core() as core:
        typer.echo(shown(thresholds(core, days=days)))


def card_command(version: Annotated[int | None, typer.Argument(help="By default the active one.")] = None) -> None:
    """Print the model card of a version, in Markdown."""
    with command_core() as core, core.sessions() as session:
        model = read_model(core, version)
        report, _ = fairness_of(session, core, model)
    name = "the active model" if version is None else f"version {version}"
    typer.echo(model_card(model, name=name, fairness=report), nl=False)


def shown(table: pd.DataFrame) -> str:
    """Write a table without its index."""
    return "none" if table.empty else table.to_string(index=False, float_format=lambda value: f"{value:.4g}")
