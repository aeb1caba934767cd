"""Witnesses with an address are asked to sign the newest checkpoint (C2SP tlog-witness), outside of transactions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.base.bounded_http import CallError, post
from booking.platform.models import LogCheckpoint, LogCosignature
from booking.transparency.log.checkpoints import read_number
from booking.transparency.log.log import newest_in
from booking.transparency.log.notes import NoteError, read_note, to_base64
from booking.transparency.log.proving import consistency
from booking.transparency.log.witnesses import Witness, keep_cosignature_in, keep_refusal_in, read_witnesses

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

WHOLE_SECONDS: Final = 10
"""From the call to the end of its answer."""
AT_ONCE: Final = 8
_MOST_BYTES: Final = 16_384
_OK: Final = 200
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
    except NoteError as error:
        log.warning("witness_did_not_sign", witness=name, size=newest.size, why=str(error))
        with core.sessions.begin() as session:
            keep_refusal_in(session, core, name, newest.size, str(error))


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
    if status != _OK:
        raise NoteError(f"{status} {words}")
    return words


def _body(core: Core, known: int, newest: LogCheckpoint) -> bytes:
    hashes = consistency(core, known, newest.size)
    return ("".join(f"{line}\n" for line in (f"old {known}", *map(to_base64, hashes), "")) + newest.note).encode()


def _post(url: str, body: bytes) -> tuple[int, str]:
    try:
        answer = post(url, body, most=_MOST_BYTES, within=WHOLE_SECONDS)
    except CallError as error:
        raise NoteError(f"no answer ({error})") from None
    return answer.status, answer.body.decode("utf-8", errors="replace")
