"""The commands ``mawid fraud no-show`` and ``train-no-show``."""

from datetime import datetime
from typing import Annotated

import typer

from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.entrypoints.commands.fraud_models import day_begins, figures_of, shown
from booking.entrypoints.commands.fraud_versions import staff_id
from booking.opening import command_core
from booking.scheduling.forecast.no_show import expected_absence, past_appointments
from booking.scheduling.forecast.no_show_versions import propose_no_show
from fraud.no_show.model import fit_no_show


def train_no_show(
    by: Annotated[str, typer.Option("--by", help="The analyst who proposes it.")],
    seed: int = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Read nothing that became known on this day (the country's) or later."),
    ] = None,
) -> None:
    """Train on who came and who did not, and keep the no-show model as a draft."""
    with command_core() as core:
        who = staff_id(core, by)
        with core.sessions() as session:
            rows = past_appointments(session, as_of=day_begins(core, as_of))
        model = fit_no_show(rows, seed=seed)
        version = propose_no_show(core, data=model.to_bytes(), by=who)
    typer.echo(f"no-show {version} is a draft; another analyst can activate it: mawid fraud activate no-show {version}")
    typer.echo(figures_of(model))


def no_show(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look ahead.")] = 14,
    overflow: Annotated[
        float | None,
        typer.Option(min=0, max=0.5, help="The chance that more come than fit; by default the policy's."),
    ] = None,
) -> None:
    """Show for each office and day how many may not come, and how far it could be overbooked; nothing changes."""
    with command_core() as core:
        if overflow is None:
            with core.sessions() as session:
                overflow = policy_limits.read(session, GateSpec).overbooking_overflow_most
        told = expected_absence(core, days=days, overflow_at_most=overflow)
    typer.echo(shown(told))
    typer.echo(f"could_overbook: more come than fit on at most {overflow:.1%} of such days")
