"""The commands ``mawid fraud except``, ``revoke`` and ``exceptions``."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from booking.gate.exceptions import Subject, grant, revoke, valid_exceptions
from booking.opening import command_core
from fraud.rules.rule_set import ALL_RULES

By = Annotated[str, typer.Option(help="Your user name; you are an analyst or administrator.")]
Why = Annotated[str, typer.Option(help="Why, for the audit log; no personal data.")]


def except_subject(
    reference: Annotated[str, typer.Argument(help="A request of the one to be excepted.")],
    subject: Subject,
    by: By,
    reason: Why,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which it ends (UTC).")],
    rule: Annotated[str, typer.Option(help="A rule's name; * stands for all rules.")] = ALL_RULES,
    person: Annotated[int, typer.Option(min=1, help="Which person of the request, where the subject is one.")] = 1,
) -> None:
    """Except a request's person, device, phone, account or helper from rules until a day."""
    with command_core() as core:
        end = until.replace(tzinfo=UTC)
        made = grant(
            core, by=by, reference=reference, subject=subject, rule=rule, reason=reason, until=end, person=person
        )
    typer.echo(f"exception {made} holds until {until:%Y-%m-%d}")


def revoke_exception(exception: UUID, by: By, reason: Why) -> None:
    """End an exception before its time."""
    with command_core() as core:
        revoke(core, by=by, exception_id=exception, reason=reason)
    typer.echo(f"exception {exception} is revoked")


def exceptions() -> None:
    """List the exceptions that hold now."""
    with command_core() as core:
        found = valid_exceptions(core)
    for row in found:
        typer.echo(f"{row.id}  {row.expires_at:%Y-%m-%d}  {row.kind:<8} {row.rule}  {row.granted_by}: {row.reason}")
    typer.echo(f"{len(found)} exceptions hold")
