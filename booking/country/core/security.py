"""When security events are written: at once for what is tried, with the commit for what the audit log has too."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.platform.base.errors import MawidError
from booking.platform.base.security_events import ACTIONS, REFUSALS, Outcome, emit
from booking.platform.models import AuditEntry


def report(
    core: Core,
    action: str,
    outcome: Outcome,
    *,
    origin: Origin | None = None,
    account_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Write an event about something that was just tried."""
    emit(
        action,
        outcome,
        at=core.clock.now(),
        account_id=account_id,
        network=origin.network_hash(core.vault) if origin else b"",
        device=origin.device_hash(core.vault) if origin else b"",
        reason=reason,
        request_id=_request_id(),
    )


@contextmanager
def reported(core: Core, action: str, origin: Origin | None, *, account_id: UUID | None = None) -> Iterator[None]:
    """Write an event about what happens inside: a success, or the code of what it was refused with."""
    try:
        yield
    except MawidError as error:
        report(core, action, Outcome.FAILURE, origin=origin, account_id=account_id, reason=error.code)
        raise
    report(core, action, Outcome.SUCCESS, origin=origin, account_id=account_id)


def report_with(session: Session, entry: AuditEntry) -> None:
    """Write the event of an audit entry once the entry is committed; nothing where it is taken back before."""
    if entry.action not in ACTIONS:
        return
    at, action, account_id, subject = entry.at, entry.action, entry.account_id, entry.subject

    def committed(_session: Session) -> None:
        if inspect(entry).persistent:
            _emit_entry(at, action, account_id, subject)

    event.listen(session, "after_commit", committed, once=True)


def _emit_entry(at: datetime, action: str, account_id: UUID | None, subject: str) -> None:
    try:
        target = UUID(subject)
    except ValueError:
        target = None
    outcome = Outcome.FAILURE if action in REFUSALS else Outcome.SUCCESS
    emit(action, outcome, at=at, account_id=account_id, target_id=target, request_id=_request_id())


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
