"""The commands ``mawid fraud``: what an analyst does with the gate's rules and model at a terminal."""

import typer

from booking.entrypoints.commands import fraud_labels as label_commands
from booking.entrypoints.commands import fraud_models as model_commands
from booking.entrypoints.commands import fraud_versions as version_commands
from booking.entrypoints.commands import no_show as no_show_commands
from booking.entrypoints.commands.fraud_attack import attack
from booking.entrypoints.commands.fraud_backtest import backtest_rules
from booking.entrypoints.commands.fraud_exceptions import (
    approve_exception,
    except_subject,
    exceptions,
    revoke_exception,
)
from booking.entrypoints.commands.fraud_hunt import hunt_command
from booking.entrypoints.commands.fraud_limits import limits
from booking.entrypoints.commands.fraud_replay import replay_day
from booking.entrypoints.commands.fraud_rounds import rounds_command
from booking.entrypoints.commands.fraud_tables import evaluate_command
from booking.entrypoints.commands.fraud_tune import tune_command
from booking.entrypoints.commands.linking import duplicates, rings
from fraud.rules.rule_set import parse_rules

app = typer.Typer(no_args_is_help=True)

app.command("train")(model_commands.train_command)
app.command("shadow")(model_commands.shadow_command)
app.command("drift")(model_commands.drift_command)
app.command("fairness")(model_commands.fairness_command)
app.command("thresholds")(model_commands.thresholds_command)
app.command("card")(model_commands.card_command)
app.command("train-no-show")(no_show_commands.train_no_show)
app.command("no-show")(no_show_commands.no_show)
app.command("resold")(label_commands.resold_command)
app.command("versions")(version_commands.versions_command)
app.command("propose")(version_commands.propose_command)
app.command("activate")(version_commands.activate_command)
app.command("rollback")(version_commands.rollback_command)


@app.command("rules")
def rules(file: typer.FileText) -> None:
    """Check a file of rules; it changes nothing (see propose)."""
    typer.echo(f"rule set {parse_rules(file.read()).version} is sound")


app.command("limits")(limits)
app.command("duplicates")(duplicates)
app.command("rings")(rings)
app.command("except")(except_subject)
app.command("approve")(approve_exception)
app.command("revoke")(revoke_exception)
app.command("exceptions")(exceptions)
app.command("replay")(replay_day)
app.command("backtest")(backtest_rules)
app.command("evaluate")(evaluate_command)
app.command("attack")(attack)
app.command("hunt")(hunt_command)
app.command("tune")(tune_command)
app.command("rounds")(rounds_command)
