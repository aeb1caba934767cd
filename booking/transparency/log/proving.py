"""Proofs from the log in the database: that an entry is in it, and that a tree grew from an earlier one."""

from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from allocation.merkle import consistency_runs, inclusion_runs
from booking.country.core.core import Core
from booking.platform.models import LogCheckpoint, LogCosignature, LogEntry
from booking.transparency.log.nodes import Nodes
from booking.transparency.log.notes import Note, read_note, read_signature
from booking.transparency.log.proofs import LogProof
from booking.transparency.log.witnesses import read_witnesses


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
