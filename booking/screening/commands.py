"""The commands ``mawid fraud``: what an analyst does with the gate's rules and model at a terminal."""

from typing import Annotated

import typer

from booking.cli_core import command_core
from booking.screening.exceptions_commands import except_subject, exceptions, revoke_exception
from booking.screening.limits import limits
from booking.screening.replay_commands import replay_day
from booking.services.publish_policy import publish_model, publish_rules
from fraud import train as train_model

app = typer.Typer(no_args_is_help=True, help="The gate's rules and model.")


@app.command("train")
def train(seed: int = 1, rows: Annotated[int, typer.Option(min=2000)] = 60_000) -> None:
    """Train the gate's model on a simulated history and make it active."""
    artifact = train_model(seed, rows)
    with command_core() as core:
        version = publish_model(core, artifact=artifact)
    metrics = ", ".join(f"{name} {value:.3f}" for name, value in artifact.about["metrics"].items())
    typer.echo(f"model {version} is active: {metrics}")


@app.command("rules")
def rules(file: typer.FileText) -> None:
    """Check a file of rules and make it the active rule set."""
    with command_core() as core:
        typer.echo(f"rule set {publish_rules(core, source=file.read())} is active")


app.command("limits")(limits)
app.command("except")(except_subject)
app.command("revoke")(revoke_exception)
app.command("exceptions")(exceptions)
app.command("replay")(replay_day)
