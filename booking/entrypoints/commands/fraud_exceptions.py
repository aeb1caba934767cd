"""The commands ``mawid fraud except``, ``approve``, ``revoke`` and ``exceptions``."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from booking.antifraud.gate.exceptions import Subject, approve, grant, revoke, valid_exceptions
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
    waits = "; it holds once another person approves it" if rule == ALL_RULES else ""
    typer.echo(f"exception {made} holds until {until:%Y-%m-%d}{waits}")


def approve_exception(exception: UUID, by: By) -> None:
    """Let an exception from all rules hold, as another person than who granted it."""
    with command_core() as core:
        approve(core, by=by, exception_id=exception)
    typer.echo(f"exception {exception} holds")


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
        rule = f"{row.rule} (waits)" if row.waits else row.rule
        typer.echo(f"{row.id}  {row.expires_at:%Y-%m-%d}  {row.kind:<8} {rule}  {row.granted_by}: {row.reason}")
    typer.echo(f"{len(found)} exceptions hold")
