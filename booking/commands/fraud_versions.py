"""The commands that move versions: one person proposes, another one activates, anyone may look."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from sqlalchemy import select

from booking.base.errors import NotFoundError
from booking.core.command_core import command_core
from booking.core.core import Core
from booking.gate.version_rows import list_versions
from booking.gate.versions import KINDS, activate, propose_model, propose_rules, roll_back
from booking.models import Account, ModelVersion, NoShowModelVersion
from booking.models.policies.policy import ApprovedVersion

FIGURES: Final = ("roc_auc", "recall_at_1_percent", "brier")
By = Annotated[str, typer.Option("--by", help="The user name of the analyst who does this.")]
Kind = Annotated[str, typer.Argument(help="rules, model or no-show.")]


def staff_id(core: Core, username: str) -> UUID:
    """Find an account by its user name; raises NotFoundError. Its role is checked where it acts."""
    with core.sessions() as session:
        found = session.scalar(select(Account.id).where(Account.username == username.casefold()))
    if found is None:
        raise NotFoundError
    return found


def known_kind(kind: str) -> str:
    """Return the kind back, or end the command where there is none such."""
    if kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}")
    return kind


def versions_command(kind: Annotated[str, typer.Argument(help="rules, model or no-show.")] = "model") -> None:
    """List the versions of a kind: where each stands, who proposed and who activated it."""
    with command_core() as core, core.sessions() as session:
        found = list_versions(session, KINDS[known_kind(kind)])
        for row, author, colleague in found:
            activated = f", activated {row.activated_at:%Y-%m-%d %H:%M} by {colleague or 'the system'}"
            typer.echo(
                f"{row.version:>4}  {row.state.value:<8}{row.created_at:%Y-%m-%d %H:%M} by {author or 'the system'}"
                f"{activated if row.activated_at else ''}{_figures(row)}"
            )
    if not found:
        typer.echo("none yet")


def _figures(row: ApprovedVersion) -> str:
    metrics = row.details.get("metrics", {}) if isinstance(row, ModelVersion | NoShowModelVersion) else {}
    told = ", ".join(f"{name} {metrics[name]:.3f}" for name in FIGURES if name in metrics)
    return f"; {told}" if told else ""


def propose_command(kind: Kind, file: Path, by: By) -> None:
    """Keep a file of rules, or a trained model, as a draft."""
    known_kind(kind)
    with command_core() as core:
        who = staff_id(core, by)
        if kind == "rules":
            version = propose_rules(core, source=file.read_text(encoding="utf-8"), by=who)
        else:
            version = propose_model(core, data=file.read_bytes(), by=who, kind=kind)
    typer.echo(f"{kind} {version} is a draft; another analyst can activate it")


def activate_command(
    kind: Kind,
    version: int,
    by: By,
    without_backtest: Annotated[bool, typer.Option(help="Activate rules that were not tried on history.")] = False,  # noqa: FBT002 - an option of the command
) -> None:
    """Make a version decide; who proposed it cannot."""
    with command_core() as core:
        activate(
            core,
            kind=known_kind(kind),
            version=version,
            by=staff_id(core, by),
            without_backtest=without_backtest,
        )
    typer.echo(f"{kind} {version} is active")


def rollback_command(
    kind: Kind, by: By, to: Annotated[int | None, typer.Option(help="A version that was active before.")] = None
) -> None:
    """Give a version that was active before its place back: the last one, or the one that is named."""
    with command_core() as core:
        version = roll_back(core, kind=known_kind(kind), by=staff_id(core, by), to=to)
    typer.echo(f"{kind} {version} is active again")
