"""What witnesses and others bring, a part or a whole value: nothing but the one right thing is kept."""

import hashlib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.platform.base.bounded_http import CallError, post
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import one_line
from booking.platform.models import BeaconPart, BeaconRound, LogEntry
from booking.transparency.beacons.drand import quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group
from booking.transparency.beacons.groups import groups
from booking.transparency.beacons.identity import Identity
from booking.transparency.beacons.parts import check_part
from booking.transparency.beacons.reading import hex_bytes, read_exactly, whole
from booking.transparency.beacons.terms import MOST_WITNESSES, check_round
from booking.transparency.beacons.values import LAST_ROUND, audit_message, round_message, statement_message
from booking.transparency.log.proving import proof_of

WHOLE: Final = 0
"""The index of a signature that is not one witness's part."""


def await_in(session: Session, *, key: bytes, message: bytes, kind: str, sha256: bytes | None, now: datetime) -> None:
    """Await a signature; where it is awaited already, nothing changes."""
    row = {"key": key, "message": message, "kind": kind, "sha256": sha256, "asked_at": now}
    session.execute(insert(BeaconRound).values(row).on_conflict_do_nothing())


def is_awaited_in(session: Session, *, key: bytes, message: bytes) -> bool:
    """Return whether a signature is awaited, or was."""
    return session.get(BeaconRound, (key, message)) is not None


def add_part_in(session: Session, *, key: bytes, message: bytes, index: int, signature: bytes, now: datetime) -> bool:
    """Keep a checked part of a signature that is awaited, and return whether it is new."""
    row = {"key": key, "message": message, "index": index, "signature": signature, "at": now}
    added = session.execute(insert(BeaconPart).values(row).on_conflict_do_nothing().returning(BeaconPart.index))
    return added.first() is not None


def parts_in(session: Session, *, key: bytes, message: bytes) -> dict[int, bytes]:
    """Return the parts of a signature by index."""
    found = select(BeaconPart.index, BeaconPart.signature).where(BeaconPart.key == key, BeaconPart.message == message)
    return {row[0]: row[1] for row in session.execute(found)}


STATEMENT: Final = "statement"
AUDIT: Final = "audit"
DRAND: Final = "drand"
BROUGHT: Final = "beacon.brought"
"""The action on the record, where a person carried a value in."""
_MESSAGES: Final = {STATEMENT: statement_message, AUDIT: audit_message}


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the witness with an index in the signature for an entry of the log, by the entry's SHA-256."""

    kind: str
    sha256: bytes
    index: int
    signature: bytes

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Read a part from a one-line file.

        Raises
        ------
        BeaconError
            It is none.
        """
        said = read_exactly(content, "the part", "kind", "sha256", "index", "signature")
        if said["kind"] not in _MESSAGES:
            raise BeaconError("the part is for no known kind: statement or audit")
        return cls(
            said["kind"],
            hex_bytes(said["sha256"], "sha256", 32),
            whole(said["index"], "index", 1, MOST_WITNESSES),
            hex_bytes(said["signature"], "the part's signature", 48),
        )

    @property
    def message(self) -> bytes:
        """What is signed."""
        return message_of(self.kind, self.sha256)

    @property
    def content(self) -> bytes:
        """The one-line file."""
        return one_line(
            {
                "kind": self.kind,
                "sha256": self.sha256.hex(),
                "index": self.index,
                "signature": self.signature.hex(),
            }
        )


def message_of(kind: str, sha256: bytes) -> bytes:
    """Return what witnesses sign for an entry of the log: a statement (``STATEMENT``) or a result (``AUDIT``)."""
    return _MESSAGES[kind](sha256)


def take_part(core: Core, part: Part) -> bool:
    """Keep the part of a witness, and return whether it is new; twice the same is nothing.

    Raises
    ------
    NotFoundError
        No such signature is awaited, or not yet: the witness may come again in a minute.
    BeaconError
        It is not the part of that witness; the message names it.
    """
    with core.sessions.begin() as session:
        return take_part_in(session, core, part)


def take_part_in(session: Session, core: Core, part: Part) -> bool:
    """Keep the part of a witness in the caller's transaction; returns and raises as `take_part`."""
    for group in groups(core.settings):
        if is_awaited_in(session, key=group.key, message=part.message):
            return take_part_of_in(session, core, group, part)
    raise NotFoundError


def take_part_of(core: Core, group: Group, part: Part) -> bool:
    """Keep the part of a witness of a group in a signature that is awaited, and return whether it is new.

    Raises
    ------
    BeaconError
        It is not the part of that witness; the message names it.
    """
    with core.sessions.begin() as session:
        return take_part_of_in(session, core, group, part)


def take_part_of_in(session: Session, core: Core, group: Group, part: Part) -> bool:
    """Keep the part of a witness of a group in the caller's transaction; returns and raises as `take_part_of`."""
    check_part(group, part.index, part.message, part.signature)
    return add_part_in(
        session,
        key=group.key,
        message=part.message,
        index=part.index,
        signature=part.signature,
        now=core.clock.now(),
    )


def bring_round(core: Core, number: int, signature: bytes, *, actor: str) -> bool:
    """Keep the value of a round of drand that somebody carried in, and return whether it is new.

    A draw that waits for it goes on in the next minute, without any network.

    Raises
    ------
    BeaconError
        It is not the value of that round; the message says what it is, where that can be known.
    """
    with core.sessions.begin() as session:
        new = bring_round_in(session, core, number, signature)
        if new:
            details = {"signature": signature.hex()}
            now, subject = core.clock.now(), str(number)
            audit.append(session, at=now, actor=actor, action=BROUGHT, subject=subject, details=details)
    return new


def bring_round_in(session: Session, core: Core, number: int, signature: bytes) -> bool:
    """Keep the value of a round of drand in the caller's transaction; returns and raises as `bring_round`."""
    terms, message = quicknet(whole(number, "the round", 1, LAST_ROUND)), round_message(number)
    check_round(terms, number, signature)
    now = core.clock.now()
    await_in(session, key=terms.key, message=message, kind=DRAND, sha256=None, now=now)
    return add_part_in(session, key=terms.key, message=message, index=WHOLE, signature=signature, now=now)


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
