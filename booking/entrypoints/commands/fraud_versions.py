"""The commands that move versions: one person proposes, another one activates, anyone may look."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from sqlalchemy import select

from booking.antifraud.gate.versions import MODEL, RULES, propose_model, propose_rules
from booking.country.core.core import Core
from booking.country.versions.steps import Kind, activate, read_versions, roll_back
from booking.opening import command_core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, ModelVersion, NoShowModelVersion
from booking.platform.models.policies.policy import ApprovedVersion
from booking.scheduling.forecast.no_show_versions import NO_SHOW, propose_no_show

KINDS: Final[Mapping[str, Kind[Any]]] = {kind.name: kind for kind in (RULES, MODEL, NO_SHOW)}
_PROPOSE: Final[Mapping[str, Callable[[Core, Path, UUID], int]]] = {
    RULES.name: lambda core, file, by: propose_rules(core, source=file.read_text(encoding="utf-8"), by=by),
    MODEL.name: lambda core, file, by: propose_model(core, data=file.read_bytes(), by=by),
    NO_SHOW.name: lambda core, file, by: propose_no_show(core, data=file.read_bytes(), by=by),
}
FIGURES: Final = ("roc_auc", "recall_at_1_percent", "brier")
By = Annotated[str, typer.Option("--by", help="The user name of the analyst who does this.")]
KindName = Annotated[str, typer.Argument(help="rules, model or no-show.")]


def staff_id(core: Core, username: str) -> UUID:
    """Find an account by its user name; raises NotFoundError. Its role is checked where it acts."""
    with core.sessions() as session:
        found = session.scalar(select(Account.id).where(Account.username == username.casefold()))
    if found is None:
        raise NotFoundError
    return found


def known_kind(name: str) -> Kind[Any]:
    """Return the kind of this name, or end the command where there is no such kind."""
    if name not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}")
    return KINDS[name]


def versions_command(kind: KindName = MODEL.name) -> None:
    """List the versions of a kind: where each stands, who proposed and who activated it."""
    with command_core() as core:
        found = read_versions(core, known_kind(kind)).lines
    for line in found:
        row = line.row
        activated = f", activated {row.activated_at:%Y-%m-%d %H:%M} by {line.colleague or 'the system'}"
        typer.echo(
            f"{row.version:>4}  {row.state.value:<8}{row.created_at:%Y-%m-%d %H:%M} by {line.author or 'the system'}"
            f"{activated if row.activated_at else ''}{_figures(row)}"
        )
    if not found:
        typer.echo("none yet")


def _figures(row: ApprovedVersion) -> str:
    metrics = row.details.get("metrics", {}) if isinstance(row, ModelVersion | NoShowModelVersion) else {}
    told = ", ".join(f"{name} {metrics[name]:.3f}" for name in FIGURES if name in metrics)
    return f"; {told}" if told else ""


def propose_command(kind: KindName, file: Path, by: By) -> None:
    """Keep a file of rules, or a trained model, as a draft."""
    name = known_kind(kind).name
    with command_core() as core:
        version = _PROPOSE[name](core, file, staff_id(core, by))
    typer.echo(f"{kind} {version} is a draft; another analyst can activate it")


def activate_command(
    kind: KindName,
    version: int,
    by: By,
    without_backtest: Annotated[bool, typer.Option(help="Activate rules that were not tried on history.")] = False,  # noqa: FBT002 - an option of the command
) -> None:
    """Make a version decide; the person who proposed it cannot."""
    with command_core() as core:
        activate(core, known_kind(kind), version=version, by=staff_id(core, by), anyway=without_backtest)
    typer.echo(f"{kind} {version} is active")


def rollback_command(
    kind: KindName, by: By, to: Annotated[int | None, typer.Option(help="A version that was active before.")] = None
) -> None:
    """Bring back a version that was active before: the last one, or the one that is named."""
    with command_core() as core:
        version = roll_back(core, known_kind(kind), by=staff_id(core, by), to=to).version
    typer.echo(f"{kind} {version} is active again")
