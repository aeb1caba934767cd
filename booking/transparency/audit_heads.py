"""The audit log's heads in the public log: who rewrites the one afterwards is shown by the other."""

from sqlalchemy import exists, or_, select

from booking.core.core import Core
from booking.models import AuditEntry, LogEntry, LogPending
from booking.transparency.entries import instant
from booking.transparency.log import append_in

HEAD = "audit"


def log_audit_head(core: Core) -> None:
    """Append the newest entry's number and hash, unless the public log has just this already.

    Whatever it is: where the audit log was cut or written anew, the public one says so to everyone who watches it.
    """
    newest = select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
    with core.sessions.begin() as session:
        if (head := session.execute(newest).one_or_none()) is None:
            return
        key = f"{head.sequence}-{head.hash.hex()[:16]}"
        said = or_(*(exists().where(table.kind == HEAD, table.key == key) for table in (LogPending, LogEntry)))
        if not session.scalar(select(said)):
            body = {"entries": head.sequence, "hash": head.hash.hex(), "at": instant(core.clock.now())}
            append_in(session, HEAD, body, key)
