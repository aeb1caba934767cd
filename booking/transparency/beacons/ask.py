"""Ask the witnesses of a group for their parts, each shown the entry and the proof that it is in the log."""

import hashlib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.base.bounded_http import CallError, post
from booking.platform.base.exact_json import one_line
from booking.platform.models import LogEntry
from booking.transparency.beacons.bring import Part, take_part_of
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group
from booking.transparency.beacons.identity import Identity
from booking.transparency.log.proving import proof_of

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MOST_BYTES: Final = 4096
AT_ONCE: Final = 8
_OK: Final = 200


def ask_witnesses(
    core: Core, group: Group, kind: str, sha256: bytes, *, of_log: str, reference: str, have: Collection[int]
) -> None:
    """Ask all witnesses with an address whose parts are missing, several at once, and keep what is right.

    A witness that is away, refuses or lies is named in the log of the process; the others are asked all the same. Call
    it outside of transactions.

    Parameters
    ----------
    kind, sha256
        What is signed for: see `booking.transparency.beacons.bring.Part`.
    of_log, reference
        The type and the draw, or night, by which the log has the entry; nobody is asked before it is there.
    have
        Indices of those who gave their part.
    """
    missing = [(index, one) for index, one in enumerate(group.ceremony.witnesses, 1) if index not in have and one.url]
    body = _question(core, of_log, sha256, reference) if missing else None
    if body is None:
        return
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda pair: _ask(pair[1], body), missing))
    for (index, witness), answer in zip(missing, answers, strict=True):
        try:
            if answer is not None:
                take_part_of(core, group, _part(answer, (kind, sha256), index))
        except BeaconError as error:
            log.warning("witness_gave_wrong_part", witness=witness.name, reason=str(error))


def _question(core: Core, of_log: str, sha256: bytes, reference: str) -> bytes | None:
    """Return the entry and the proof that it is in the log; None where it is not, or not the one that is signed for."""
    with core.sessions() as session:
        entry = session.scalar(select(LogEntry.body).where(LogEntry.kind == of_log, LogEntry.key == reference))
    proof = proof_of(core, of_log, reference)
    if entry is None or proof is None or hashlib.sha256(entry).digest() != sha256:
        log.warning("round_not_in_log", kind=of_log, reference=reference)
        return None
    return one_line({"entry": entry.decode(), "proof": str(proof)})


def _part(answer: bytes, about: tuple[str, bytes], index: int) -> Part:
    part = Part.of(answer)
    if (part.kind, part.sha256, part.index) != (*about, index):
        raise BeaconError("it is the part for something else, or of somebody else")
    return part


def _ask(witness: Identity, body: bytes) -> bytes | None:
    try:
        answer = post(f"{witness.url}/sign-round", body, most=MOST_BYTES)
    except CallError as error:
        log.warning("witness_away", witness=witness.name, reason=str(error))
        return None
    if answer.status != _OK:
        words = "".join(letter for letter in answer.body.decode(errors="replace")[:200] if letter.isprintable())
        log.warning("witness_refuses", witness=witness.name, status=answer.status, words=words)
        return None
    return answer.body
