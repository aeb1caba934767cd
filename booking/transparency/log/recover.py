"""After a restored backup the log is behind what others saw: the missing entries come back from a witness's copy."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, exists, func

from booking.country.core.core import Core
from booking.platform.base.bounded_http import CallError, get
from booking.platform.models import LogCheckpoint, LogEntry, LogHold, LogPending, SwapWish
from booking.transparency.log.checkpoints import read_bundle, read_checkpoint
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import add_in, lock_in, log_keys, newest_in, size_in
from booking.transparency.log.nodes import TILE, Nodes
from booking.transparency.log.notes import Note, NoteError
from booking.transparency.log.tiles import TilePath

MOST_BYTES: Final = TILE * (2 + 65_535)
SECONDS: Final = 30
_OK: Final = 200
_DRAWS: Final = frozenset({"announcement", "statement", "beacon", "result", "abandoned"})


def recover(core: Core, source: str) -> int:
    """Take the entries that are missing here from a witness's folder or address; return how many there were.

    A wish of the exchange that the log says is over by then ends here too: its holder would be moved by what they took
    back, and could prove that a night counted on it.

    Raises
    ------
    NoteError
        What is there is no copy of this log, or the log here went on in another way meanwhile: nothing was changed.
    """
    keys = log_keys(core)
    seen, note = read_checkpoint(_read(source, "checkpoint"), keys)
    with core.sessions() as session:
        here = size_in(session)
    missing = _entries(source, here, seen.size) if here < seen.size else []
    with core.sessions.begin() as session:
        lock_in(session)
        session.execute(delete(LogHold))
        if not missing:
            return 0
        if size_in(session) != here:
            raise NoteError("the log here went on meanwhile")
        newest = newest_in(session)
        add_in(session, core, [(entry["type"], key_of(entry, body), body) for entry, body in missing])
        session.flush()
        nodes = Nodes(session)
        if nodes.root(seen.size) != seen.root or (newest and nodes.root(newest.size) != newest.root):
            raise NoteError(f"the copy does not begin with the {here} entries here, or was changed")
        own = Note(note.text, tuple(one for one in note.signatures if any(one.is_by(key) for key in keys)))
        session.add(LogCheckpoint(size=seen.size, root=seen.root, note=str(own), at=core.clock.now()))
        session.execute(
            delete(LogPending).where(
                LogPending.kind == LogEntry.kind, LogPending.key == LogEntry.key, LogPending.body == LogEntry.body
            )
        )
        is_over = exists().where(LogEntry.kind == "replaced", LogEntry.key == func.encode(SwapWish.receipt, "hex"))
        session.execute(delete(SwapWish).where(is_over))
    return len(missing)


def go_on(core: Core) -> None:
    """Let the log of a restored backup go on as it is, where nobody has a copy: who saw more of it sees two logs."""
    with core.sessions.begin() as session:
        session.execute(delete(LogHold))


def key_of(entry: Mapping[str, Any], body: bytes) -> str:
    """Return the key of an entry among those of its kind, as it was when it was appended."""
    kind = entry["type"]
    if kind in {"receipt", "replaced"}:
        return str(entry["receipt"])
    if kind.removeprefix("exchange_") in _DRAWS:
        return str(entry["reference"])
    if kind == "version":
        return f"{entry['kind']}-{entry['version']}-{entry['at']}"
    if kind in {"audit", "urgent"}:
        return f"{entry['entries' if kind == 'audit' else 'entry']}-{entry['hash'][:16]}"
    return sha256(body).hexdigest()


def _entries(source: str, first: int, size: int) -> list[tuple[dict[str, Any], bytes]]:
    """Return the entries from an index on, each with its bytes."""
    found: list[tuple[dict[str, Any], bytes]] = []
    for number in range(first // TILE, -(-size // TILE)):
        path = TilePath(0, number, min(TILE, size - number * TILE))
        bodies = read_bundle(_read(source, f"tile/entries/{path.path}"))
        if len(bodies) != path.width:
            raise NoteError(f"the copy has {len(bodies)} entries in {path.path}")
        found += [(read_entry(body), body) for body in bodies[max(0, first - number * TILE) :]]
    return found


def _read(source: str, path: str) -> bytes:
    if source.startswith(("http://", "https://")):
        try:
            answer = get(f"{source.rstrip('/')}/{path}", most=MOST_BYTES, within=SECONDS)
        except CallError as error:
            raise NoteError(f"{path}: no answer ({error})") from None
        if answer.status != _OK:
            raise NoteError(f"{path}: the answer is {answer.status}")
        return answer.body
    folder = Path(source)
    mirror = folder / "mirror"
    file = (mirror if mirror.is_dir() else folder) / path
    try:
        return file.read_bytes()
    except OSError as error:
        raise NoteError(f"{file}: {error.strerror}") from None
