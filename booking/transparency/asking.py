"""Witnesses with an address are asked to sign the newest checkpoint (C2SP tlog-witness), outside of transactions."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import requests
import structlog
from sqlalchemy import select

from booking.core.core import Core
from booking.models import LogCheckpoint, LogCosignature
from booking.transparency.checkpoints import read_number
from booking.transparency.log import newest_in
from booking.transparency.notes import NoteError, read_note, to_base64
from booking.transparency.proving import consistency
from booking.transparency.witnesses import Witness, keep_cosignature_in, keep_refusal_in, read_witnesses

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CONNECT_SECONDS: Final = 3
SILENT_SECONDS: Final = 5
WHOLE_SECONDS: Final = 10
"""From the call to the end of its answer."""
AT_ONCE: Final = 8
_MOST_BYTES: Final = 16_384
_CONFLICT: Final = 409


def ask_witnesses(core: Core) -> None:
    """Ask every witness with an address that has not signed the newest checkpoint yet, some at a time."""
    asked = [one for one in read_witnesses(core.settings) if one.url is not None]
    with core.sessions() as session:
        newest = newest_in(session)
        if newest is None or not asked:
            return
        signed = set(session.scalars(select(LogCosignature.witness).where(LogCosignature.size == newest.size)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _ask(core, newest, one), [one for one in asked if one.key.name not in signed]))


def _ask(core: Core, newest: LogCheckpoint, witness: Witness) -> None:
    name = witness.key.name
    try:
        answer = _signature(core, newest, witness)
        note = read_note(f"{newest.note}{answer}".encode())
        with core.sessions.begin() as session:
            keep_cosignature_in(session, core, newest, note, witness)
    except (NoteError, requests.RequestException, OSError) as error:
        words = str(error) if isinstance(error, NoteError) else type(error).__name__
        log.warning("witness_did_not_sign", witness=name, size=newest.size, why=words)
        with core.sessions.begin() as session:
            keep_refusal_in(session, core, name, newest.size, words)


def _signature(core: Core, newest: LogCheckpoint, witness: Witness) -> str:
    """Return the lines that a witness answers with; raises NoteError with its words where it refuses."""
    with core.sessions() as session:
        latest = select(LogCosignature.size).where(LogCosignature.witness == witness.key.name)
        known = session.scalar(latest.order_by(LogCosignature.size.desc()).limit(1)) or 0
    status, words = _post(f"{witness.url}/add-checkpoint", _body(core, known, newest))
    if status == _CONFLICT and (seen := words.removesuffix("\n")) != str(known):
        known = read_number(seen, "the size that the witness knows")
        if known > newest.size:
            raise NoteError(f"it saw {known} entries, and the log here has {newest.size}: was a backup restored?")
        status, words = _post(f"{witness.url}/add-checkpoint", _body(core, known, newest))
    if status != requests.codes.ok:
        raise NoteError(f"{status} {words}")
    return words


def _body(core: Core, known: int, newest: LogCheckpoint) -> bytes:
    hashes = consistency(core, known, newest.size)
    return ("".join(f"{line}\n" for line in (f"old {known}", *map(to_base64, hashes), "")) + newest.note).encode()


def _post(url: str, body: bytes) -> tuple[int, str]:
    """Return status and text of an answer; what is too long or comes too slowly is a NoteError."""
    ends = time.monotonic() + WHOLE_SECONDS
    wait = (CONNECT_SECONDS, SILENT_SECONDS)
    with requests.post(url, data=body, timeout=wait, stream=True, allow_redirects=False) as answer:
        parts: list[bytes] = []
        for part in answer.iter_content(1024):
            parts.append(part)
            if sum(map(len, parts)) > _MOST_BYTES or time.monotonic() > ends:
                raise NoteError("the answer is too long or too slow")
        return answer.status_code, _text(parts)


def _text(parts: Sequence[bytes]) -> str:
    return b"".join(parts).decode("utf-8", errors="replace")
