"""Proofs that the entries of a draw stand in the log, signed by as many witnesses as were announced, and in time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import LogEntry
from booking.transparency.beacons.terms import earliest
from booking.transparency.log.checkpoints import cosigners
from booking.transparency.log.entries import read_entry
from booking.transparency.log.notes import COSIGNATURE, read_vkey
from booking.transparency.log.proofs import LogProof
from booking.transparency.log.proving import proof_of


def entry_of(core: Core, kind: str, reference: str) -> bytes:
    """Return the bytes of the entry of a draw, as the log holds them or will soon."""
    with core.sessions() as session:
        return session.scalars(select(LogEntry.body).where(LogEntry.kind == kind, LogEntry.key == reference)).one()


def statement_proof(
    core: Core, reference: str, *, announced: str = "announcement", stated: str = "statement"
) -> LogProof | None:
    """Return the proof of a closing statement; None while too few witnesses signed it in time.

    ``announced`` and ``stated`` are the types of the entries: an exchange has its own.

    In time is after the end of asking, and before the value of a public beacon comes.
    """
    promised = read_entry(entry_of(core, announced, reference))
    begin = datetime.fromisoformat(promised["closes_at"]).timestamp()
    comes = earliest(promised["beacon"])
    end = float("inf") if comes is None else comes.timestamp()
    return _proof(core, stated, reference, promised, lambda seconds: begin <= seconds < end)


def proof(core: Core, kind: str, reference: str, *, announced: str = "announcement") -> LogProof | None:
    """Return the proof of the announcement or the result of a draw; None while too few witnesses signed it.

    ``announced`` is as in `statement_proof`.
    """
    return _proof(core, kind, reference, read_entry(entry_of(core, announced, reference)), lambda _: True)


def _proof(
    core: Core, kind: str, reference: str, announced: Mapping[str, Any], counts: Callable[[int], bool]
) -> LogProof | None:
    need = announced["need"]
    found = proof_of(core, kind, reference, need=need, earliest=True)
    if found is None:
        return None
    witnesses = [read_vkey(text, kind=COSIGNATURE) for text in announced["witnesses"]]
    signed = cosigners(found.note, witnesses)
    return found if sum(map(counts, signed.values())) >= need else None
