"""The log in the database: what happens is appended in its own transaction, then put in order and signed.

Whoever appends waits for nobody: rows wait in `LogPending`, in any order of commits. One at a time, `sequence` moves
them to the end of the log by rising id and signs what it is by then. A row that is committed late, with a lower id than
others, is moved later; none is lost and none moved twice, since a row that waits is removed where it is added.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from allocation.lottery import tree_root
from allocation.merkle import consistency_runs, is_consistent
from booking.country.core.core import Core
from booking.country.core.security import report
from booking.platform.base.security_events import Outcome
from booking.platform.models import LogCheckpoint, LogEntry, LogHold, LogPending
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.entries import write_entry
from booking.transparency.log.nodes import DamagedLogError, Nodes, fill_tiles
from booking.transparency.log.notes import VerifierKey, sign

BATCH: Final = 4096
_LOCK: Final = 0x6D617769646C67  # "mawidlg"
_APPEND: Final = text("INSERT INTO log_pending (kind, key, body) VALUES (:kind, :key, :body)")


class HeldLogError(DamagedLogError):
    """A backup was restored, and nobody said yet where the rest of the log is: nothing is added or signed."""


def append_in(session: Session, kind: str, body: Mapping[str, Any], key: str) -> None:
    """Append an entry in the caller's transaction; it stands in the log a minute later at most.

    Parameters
    ----------
    body
        Its keys without ``type``.
    key
        Names it among the entries of its kind; the same entry again is appended once.

    Raises
    ------
    NoteError
        There is no such entry.
    LoggedOtherwiseError
        Another entry of this kind and key was appended before.
    """
    session.execute(_APPEND, {"kind": kind, "key": key, "body": write_entry(kind, body)})


def logged_in(session: Session, kind: str, key: str) -> bytes | None:
    """Return the bytes of an entry that stands in the log, or soon will; None where there is none."""
    stands, waits = (select(one.body).where(one.kind == kind, one.key == key) for one in (LogEntry, LogPending))
    return session.scalar(stands.union_all(waits))


def sequence(core: Core) -> Checkpoint:
    """Move all that waits into the log, sign it where it grew, and return the newest checkpoint.

    Raises
    ------
    HeldLogError
        A backup was restored: `booking.transparency.log.recover` comes first.
    DamagedLogError
        Entries that were signed are not there any more, or are others; it is reported as a security event.
    """
    try:
        while _move_some(core) == BATCH:
            pass
        return _sign(core)
    except HeldLogError:
        raise
    except DamagedLogError:
        report(core, "log.damaged", Outcome.FAILURE, reason="damaged_log")
        raise


def origin(core: Core) -> str:
    """Return the log's name: the host of the installation, and ``/log``."""
    return f"{urlsplit(core.settings.base_url).netloc}/log"


def log_keys(core: Core) -> list[VerifierKey]:
    """Return the keys that sign the log, the newest first: one for each lasting key that was ever in use."""
    return [VerifierKey.of(origin(core), one) for one in core.vault.signing_keys("log")]


def lock_in(session: Session) -> None:
    """Wait, until commit, for anyone else who adds to the log."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def size_in(session: Session) -> int:
    """Return the number of entries."""
    last = session.scalar(select(LogEntry.index).order_by(LogEntry.index.desc()).limit(1))
    return 0 if last is None else last + 1


def newest_in(session: Session) -> LogCheckpoint | None:
    """Return the checkpoint of the largest size."""
    return session.scalar(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1))


def add_in(session: Session, core: Core, entries: list[tuple[str, str, bytes]]) -> None:
    """Put entries (kind, key, bytes) at the end of the log, and keep the tiles that became full.

    Only for who holds `lock_in`.
    """
    size, now = size_in(session), core.clock.now()
    rows = [
        {"index": size + offset, "kind": kind, "key": key, "body": body, "at": now}
        for offset, (kind, key, body) in enumerate(entries)
    ]
    if rows:
        session.execute(insert(LogEntry), rows)
        fill_tiles(session, size, size + len(rows))


def _move_some(core: Core) -> int:
    """Move a batch and return its size. What the log says otherwise by now stays where it is: see `append_in`."""
    # As a value, not as NOT EXISTS: looked up for each row of the batch, and never joined with a log of millions.
    same = select(LogEntry.index).where(LogEntry.kind == LogPending.kind, LogEntry.key == LogPending.key)
    waiting = (
        select(LogPending.id, LogPending.kind, LogPending.key, LogPending.body)
        .where(same.scalar_subquery().is_(None))
        .order_by(LogPending.id)
        .limit(BATCH)
    )
    with core.sessions.begin() as session:
        lock_in(session)
        _require_free(session)
        found = session.execute(waiting).all()
        add_in(session, core, [(row.kind, row.key, row.body) for row in found])
        session.execute(delete(LogPending).where(LogPending.id.in_([row.id for row in found])))
    return len(found)


def _require_free(session: Session) -> None:
    if session.scalar(select(LogHold.since).limit(1)) is not None:
        raise HeldLogError(
            "a backup was restored: take what the log lacks from a witness's copy first (`mawid log recover`), or it"
            " goes on in another way than outsiders saw"
        )


def _sign(core: Core) -> Checkpoint:
    name = origin(core)
    with core.sessions.begin() as session:
        lock_in(session)
        _require_free(session)
        size, before, nodes = size_in(session), newest_in(session), Nodes(session)
        if before is not None and before.size == size:
            return Checkpoint(name, size, before.root)
        root = nodes.root(size)
        begins = before or LogCheckpoint(size=0, root=tree_root([]))
        proof = nodes.hashes_of(consistency_runs(begins.size, size)) if begins.size <= size else []
        if not is_consistent(begins.size, begins.root, size, root, proof):
            raise DamagedLogError(f"the log of {size} entries does not begin with the {begins.size} that were signed")
        found = Checkpoint(name, size, root)
        note = sign(found.text, name, *core.vault.signing_keys("log"))
        session.add(LogCheckpoint(size=size, root=root, note=str(note), at=core.clock.now()))
    return found
