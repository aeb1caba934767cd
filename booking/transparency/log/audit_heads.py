"""The audit log's heads in the public log: who rewrites the one afterwards is shown by the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from allocation.lottery import leaf_hash, node_hash, tree_root
from booking.country.core.audit import BrokenChainError
from booking.country.core.core import Core
from booking.platform.models import AuditEntry, LogEntry, LogPending
from booking.transparency.log.checkpoints import Checkpoint, read_checkpoint
from booking.transparency.log.entries import instant, read_entry
from booking.transparency.log.log import append_in, log_keys, size_in

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


_NAMED_BY: Final = {"audit": "entries", "urgent": "entry"}
"""By type of entry: the key that says which entry of the audit log it is about."""
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Compared:
    """How many entries of the public log name an entry of the audit log, all rightly, and the last that is named."""

    heads: int
    last: int


def compare_audit_in(session: Session, *, size: int | None = None) -> Compared:
    """Compare the audit log with what the public one says of it, up to a size or to its end.

    Raises
    ------
    BrokenChainError
        An entry that the public log names is missing in the audit log, or is another one.
    """
    wanted = select(LogEntry.index, LogEntry.body).where(LogEntry.kind.in_(_NAMED_BY)).order_by(LogEntry.index)
    heads, last = 0, 0
    for index, body in session.execute(wanted if size is None else wanted.where(LogEntry.index < size)):
        entry = read_entry(body)
        number = entry[_NAMED_BY[entry["type"]]]
        found = session.scalar(select(AuditEntry.hash).where(AuditEntry.sequence == number))
        if found is None or found.hex() != entry["hash"]:
            words = "is missing" if found is None else "is another now"
            raise BrokenChainError(
                f"entry {number} of the audit log, which entry {index} of the public one names, {words}"
            )
        heads, last = heads + 1, max(last, number)
    return Compared(heads, last)


def check_outside(core: Core, content: bytes) -> tuple[Checkpoint, Compared]:
    """Check that the log holds all that a checkpoint from outside has signed, and the audit log what it says there.

    Every entry is hashed again; no tile is believed.

    Raises
    ------
    NoteError
        It is no checkpoint, or not of this log.
    BrokenChainError
        Entries of the public log were changed or are missing, or the audit log is not what it said.
    """
    seen, _ = read_checkpoint(content, log_keys(core))
    with core.sessions() as session:
        size = size_in(session)
        if size < seen.size:
            raise BrokenChainError(f"the public log has {size} entries, and outsiders saw {seen.size}")
        if root_of_entries_in(session, seen.size) != seen.root:
            raise BrokenChainError(f"the first {seen.size} entries of the public log are not those that outsiders saw")
        return seen, compare_audit_in(session, size=seen.size)


def root_of_entries_in(session: Session, size: int) -> bytes:
    """Return the root over the first entries, from the entries alone."""
    waiting: list[tuple[int, bytes]] = []
    for hashed in _leaves(session, size):
        width, node = 1, hashed
        while waiting and waiting[-1][0] == width:
            node = node_hash(waiting.pop()[1], node)
            width *= 2
        waiting.append((width, node))
    if not waiting:
        return tree_root([])
    root = waiting.pop()[1]
    while waiting:
        root = node_hash(waiting.pop()[1], root)
    return root


def _leaves(session: Session, size: int) -> Iterator[bytes]:
    wanted = select(LogEntry.body).where(LogEntry.index < size).order_by(LogEntry.index)
    for body in session.scalars(wanted).yield_per(_AT_ONCE):
        yield leaf_hash(body)
