"""What witnesses and others bring, a part or a whole value: nothing but the one right thing is kept."""

from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import one_line
from booking.transparency.beacons import rows
from booking.transparency.beacons.drand import quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group
from booking.transparency.beacons.groups import groups
from booking.transparency.beacons.parts import check_part
from booking.transparency.beacons.reading import hex_bytes, read_exactly, whole
from booking.transparency.beacons.terms import MOST_WITNESSES, check_round
from booking.transparency.beacons.values import LAST_ROUND, audit_message, round_message, statement_message

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
        if rows.is_awaited_in(session, key=group.key, message=part.message):
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
    return rows.add_part_in(
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
    rows.await_in(session, key=terms.key, message=message, kind=DRAND, sha256=None, now=now)
    return rows.add_part_in(session, key=terms.key, message=message, index=rows.WHOLE, signature=signature, now=now)
