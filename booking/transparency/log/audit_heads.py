"""The audit log's heads in the public log: who rewrites the one afterwards is shown by the other."""

from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import AuditEntry, LogEntry, LogPending
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in

HEAD: Final = "audit"


def log_audit_head(core: Core) -> None:
    """Append the newest entry's number and hash, unless the public log has just this already.

    Whatever it is: where the audit log was cut or written anew, the public one says so to everyone who watches it.
    """
    newest = select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
    with core.sessions.begin() as session:
        if (head := session.execute(newest).one_or_none()) is None:
            return
        key = head_key(head.sequence, head.hash)
        said = or_(*(exists().where(table.kind == HEAD, table.key == key) for table in (LogPending, LogEntry)))
        if not session.scalar(select(said)):
            append_head_in(session, core, head.sequence, head.hash)


def append_head_in(session: Session, core: Core, number: int, digest: bytes) -> None:
    """Append the number and the hash of an entry of the audit log, in the caller's transaction."""
    body = {"entries": number, "hash": digest.hex(), "at": instant(core.clock.now())}
    append_in(session, HEAD, body, head_key(number, digest))


def head_key(number: int, digest: bytes) -> str:
    """Return how the public log names an entry of the audit log."""
    return f"{number}-{digest.hex()[:16]}"
