"""Between closing and drawing: witnesses sign what was fixed, and the value that decides with the seed comes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import canonical
from booking.platform.base.fields import latin_digits
from booking.platform.models import Account, Draw, DrawFile
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import locked, record
from booking.scheduling.draws.files import PLAN
from booking.scheduling.draws.format2.closing import statement_hash
from booking.scheduling.draws.format2.tables import AUDIT
from booking.scheduling.draws.formats import DamagedFileError, content_of, digest
from booking.scheduling.draws.proofs import entry_of, statement_proof
from booking.scheduling.draws.publish_audit import FORMAT, await_audit_in
from booking.transparency.beacons.bring import BROUGHT, Part, bring_round_in, take_part_in
from booking.transparency.beacons.choose import fetch
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import check, earliest
from booking.transparency.log.asking import ask_witnesses
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import append_in, sequence


class Waits(StrEnum):
    """What keeps a draw from its next step."""

    WITNESSES = "witnesses"
    """Too few of them have signed yet what was fixed."""
    BEACON = "beacon"
    """The value is not there yet."""
    LATE = "late"
    """The value came before enough witnesses had signed: nobody would accept the draw, and it has to be abandoned."""


def settled(core: Core, draw: Draw, statement: Mapping[str, Any]) -> bytes | None:
    """Return the signature of the beacon that decides a draw closed by a statement, kept in the draw and in the log.

    None, with the reason kept in the draw, as long as the value is not there, or must not be used.

    Raises
    ------
    booking.transparency.beacons.errors.BeaconError
        What came, or what the database holds, is not the signature of the round that was announced.
    booking.scheduling.draws.formats.DamagedFileError
        The statement is not the one in the log.
    """
    if draw.beacon_signature is not None:
        _require_logged(core, draw, statement)
        check(statement["beacon"], statement_hash(statement), draw.beacon_signature)
        return draw.beacon_signature
    why, signature = _asked(core, draw, statement)
    with core.sessions.begin() as session:
        kept = locked(session, draw.reference)
        if kept.state is not DrawState.CLOSED or kept.beacon_signature is not None:
            return kept.beacon_signature
        kept.waits_for, kept.beacon_signature = why, signature
        if signature is not None:
            append_in(session, "beacon", {"reference": draw.reference, "signature": signature.hex()}, draw.reference)
            record(session, core, kept, "beacon", signature=signature.hex())
    return signature


def require_plan(core: Core, draw: Draw, contents: Mapping[str, bytes]) -> None:
    """Refuse a plan, among the files of a drawn draw, that is not the one of the result in the log.

    Raises
    ------
    booking.scheduling.draws.formats.DamagedFileError
        It is another one, or is not there.
    """
    result = read_entry(entry_of(core, "result", draw.reference))
    if digest(content_of(contents, PLAN)) != result["files"][PLAN]:
        raise DamagedFileError(f"{PLAN} of draw {draw.reference} is not the one of the result in the log")


def _asked(core: Core, draw: Draw, statement: Mapping[str, Any]) -> tuple[Waits | None, bytes | None]:
    """Ask witnesses and beacon; nothing is written but what witnesses sign."""
    sequence(core)
    _require_logged(core, draw, statement)
    ask_witnesses(core)
    terms = statement["beacon"]
    comes = earliest(terms)
    if statement_proof(core, draw.reference) is None:
        return Waits.LATE if comes is not None and core.clock.now() >= comes else Waits.WITNESSES, None
    fixed = statement_hash(statement)
    signature = fetch(core, terms, fixed, reference=draw.reference)
    if signature is None:
        return Waits.BEACON, None
    check(terms, fixed, signature)
    return None, signature


def _require_logged(core: Core, draw: Draw, statement: Mapping[str, Any]) -> None:
    """Refuse a statement that whoever writes into the database put in the place of the one in the log.

    It may be that of another draw, which is in the log too.
    """
    reference = draw.reference
    if statement["reference"] != reference or entry_of(core, "statement", reference) != canonical(dict(statement)):
        raise DamagedFileError(f"the statement of draw {reference} is not the one in the log")


def bring_value(core: Core, *, by: UUID, number: str, content: str) -> bool:
    """Keep a value that an administrator carried in, and return whether it is new.

    What waits for it goes on in a minute: a closed draw, and the audits of published ones. Only the one right value is
    kept, so whoever brings it can choose nothing.

    Parameters
    ----------
    number
        The round of drand, in digits; "" for the part of a witness.
    content
        The round's signature in hexadecimal digits, or the one line that the witness's program wrote.

    Raises
    ------
    BeaconError
        It cannot be read, is not the right value, or nothing waits for such a part.
    ForbiddenError
        ``by`` is not an administrator.
    """
    digits = latin_digits(number.strip())
    with core.sessions.begin() as session:
        administrator = require(session.get(Account, by), Permission.MANAGE_STAFF)
        if digits:
            signature = _signature(content)
            new = bring_round_in(session, core, _round(digits), signature)
            subject, about = digits, {"signature": signature.hex()}
        else:
            part = Part.of(content.strip().encode() + b"\n")
            new = _taken(session, core, part)
            subject, about = part.sha256.hex(), {"witness": str(part.index), "signature": part.signature.hex()}
        if new:
            audit.record(session, core, administrator, BROUGHT, subject, **about)
            _ask_again_in(session)
    return new


def _round(digits: str) -> int:
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(1 << 53)):
        raise BeaconError("the round is not a number")
    return int(digits)


def _signature(content: str) -> bytes:
    try:
        return bytes.fromhex(content)
    except ValueError:
        raise BeaconError("the signature is not written in hexadecimal digits") from None


def _taken(session: Session, core: Core, part: Part) -> bool:
    try:
        return take_part_in(session, core, part)
    except NotFoundError:
        raise BeaconError("nothing waits for this part") from None


def _ask_again_in(session: Session) -> None:
    """Have the value of every audit asked for once more that is not there, also where its time is over."""
    there = exists().where(DrawFile.draw_id == Draw.id, DrawFile.name == AUDIT)
    for draw in session.scalars(select(Draw).where(Draw.state == DrawState.PUBLISHED, Draw.format == FORMAT, ~there)):
        await_audit_in(session, draw)
