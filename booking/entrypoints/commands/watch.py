"""The commands ``mawid watch``: look at urgent approvals as the night's job does, and what chance alone would open."""

from typing import Annotated

import typer

from booking.antifraud.watching.alerts import open_questions
from booking.antifraud.watching.limits import false_questions
from booking.opening import command_core

app = typer.Typer(no_args_is_help=True)


@app.command("questions")
def questions() -> None:
    """Open a question for whatever stands out in the last ninety days, as the night's job does."""
    with command_core() as core:
        typer.echo(f"{open_questions(core)} questions opened")


@app.command("chance")
def chance(
    officers: Annotated[int, typer.Option(min=1, max=100_000, help="Honest officers of the country.")] = 300,
    per_day: Annotated[float, typer.Option(min=0.01, max=50, help="Cases that each decides a day.")] = 1.0,
    share: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of approved cases.")] = 0.4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figure.")] = 1,
) -> None:
    """Show by simulation how many questions about officers a month brings by chance alone."""
    simulated = max(officers, 5000)
    a_month = false_questions(officers=simulated, days=360, per_day=per_day, share=share, seed=seed)
    typer.echo(f"{a_month * officers / simulated:.2f} false questions a month among {officers:,} honest officers")
