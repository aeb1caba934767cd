"""Proofs that an entry is in a log (C2SP tlog-proof), in one text that anyone checks without a network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from allocation.lottery import is_included
from allocation.merkle import consistency_runs, inclusion_runs
from booking.country.core.core import Core
from booking.platform.models import LogCheckpoint, LogCosignature, LogEntry
from booking.transparency.log.checkpoints import HASH_BYTES, Checkpoint, check, read_number
from booking.transparency.log.nodes import Nodes
from booking.transparency.log.notes import (
    MOST_BYTES,
    Note,
    NoteError,
    VerifierKey,
    from_base64,
    read_note,
    read_signature,
    to_base64,
)
from booking.transparency.log.witnesses import read_witnesses

MOST_HASHES: Final = 63
_HEAD: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class LogProof:
    """The index of an entry, the hashes from its sibling up to the root, and a checkpoint with its signatures."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    @override
    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (_HEAD, f"index {self.index}", *map(to_base64, self.hashes), "")) + str(
            self.note
        )

    def check(self, entry: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
        """Return the checkpoint under which the entry is proven to be in the log of one of the keys.

        Raises
        ------
        NoteError
            The checkpoint is not signed by the log, or the entry is not where the proof says.
        """
        found = check(self.note, keys)
        if not is_included(entry, self.index, found.size, self.hashes, found.root):
            raise NoteError(f"the proof does not show this entry at {self.index} of the log {found.origin}")
        return found


def read_proof(content: bytes) -> LogProof:
    """Read a proof; nothing is checked yet but that it is one. Proofs with extra data are refused: we have none.

    Raises
    ------
    NoteError
        It is no such proof.
    """
    if len(content) > MOST_BYTES:
        raise NoteError(f"the proof has more than {MOST_BYTES} bytes")
    top, blank, note = content.partition(b"\n\n")
    try:
        lines = top.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise NoteError("the lines before the checkpoint are not ASCII") from None
    if lines[0] != _HEAD:
        raise NoteError(f"a proof begins with {_HEAD}")
    if not blank or len(lines) < 2 or not lines[1].startswith("index "):  # noqa: PLR2004 - the second line
        raise NoteError("a proof has an index, hashes, an empty line and a checkpoint")
    hashes = read_hashes(lines[2:])
    return LogProof(read_number(lines[1].removeprefix("index "), "the index of a proof"), hashes, read_note(note))


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Read the lines of hashes of a proof, each in Base64.

    Raises
    ------
    NoteError
        There are too many, or a line is not a hash.
    """
    if len(lines) > MOST_HASHES:
        raise NoteError(f"a proof has at most {MOST_HASHES} hashes")
    hashes = tuple(from_base64(line, "a hash of a proof") for line in lines)
    if any(len(one) != HASH_BYTES for one in hashes):
        raise NoteError(f"a hash of a proof has {HASH_BYTES} bytes")
    return hashes


def index_of(core: Core, kind: str, key: str) -> int | None:
    """Return where an entry stands in the log; None where it does not yet."""
    with core.sessions() as session:
        return session.scalar(_index(kind, key))


def proof_of(core: Core, kind: str, key: str, *, need: int = 0, earliest: bool = False) -> LogProof | None:
    """Return the proof that an entry is in the log.

    Parameters
    ----------
    need
        Witnesses of the settings who must have signed its checkpoint.
    earliest
        Prove it by the first checkpoint that will do, not by the last: its signatures say that it was there early.

    Returns
    -------
    LogProof | None
        None where the entry, or such a checkpoint, is not there yet.
    """
    names = [one.key.name for one in read_witnesses(core.settings)]
    with core.sessions() as session:
        index = session.scalar(_index(kind, key))
        if index is None:
            return None
        signatures = (
            select(func.count())
            .where(LogCosignature.size == LogCheckpoint.size, LogCosignature.witness.in_(names))
            .scalar_subquery()
        )
        order = LogCheckpoint.size.asc() if earliest else LogCheckpoint.size.desc()
        fit = select(LogCheckpoint).where(LogCheckpoint.size > index).order_by(order).limit(1)
        checkpoint = session.scalar(fit.where(signatures >= need) if need else fit)
        if checkpoint is None:
            return None
        hashes = Nodes(session).hashes_of(inclusion_runs(index, checkpoint.size))
        return LogProof(index, tuple(hashes), signed_note_in(session, checkpoint, names))


def consistency(core: Core, old: int, size: int) -> list[bytes]:
    """Return the hashes that prove that the log of ``size`` entries begins with that of ``old``.

    Raises
    ------
    IndexError
        The old tree is larger than the new one.
    """
    with core.sessions() as session:
        return Nodes(session).hashes_of(consistency_runs(old, size))


def signed_note_in(session: Session, checkpoint: LogCheckpoint, names: Iterable[str]) -> Note:
    """Return a checkpoint with the signatures of the witnesses of these names."""
    lines = session.scalars(
        select(LogCosignature.line)
        .where(LogCosignature.size == checkpoint.size, LogCosignature.witness.in_(list(names)))
        .order_by(LogCosignature.witness)
    )
    return read_note(checkpoint.note.encode()).with_signatures(read_signature(line.rstrip("\n")) for line in lines)


def _index(kind: str, key: str) -> Select[int]:
    return select(LogEntry.index).where(LogEntry.kind == kind, LogEntry.key == key)
