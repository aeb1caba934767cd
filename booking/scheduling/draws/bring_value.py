"""An administrator carries in what a draw waits for and no network brings: a round of drand, or a witness's part."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.permissions import Permission, require
from booking.platform.base.errors import NotFoundError
from booking.platform.base.fields import latin_digits
from booking.platform.models import Account, Draw, DrawFile
from booking.platform.models.states import DrawState
from booking.scheduling.draws.format2.names import AUDIT
from booking.scheduling.draws.publish_audit import FORMAT, await_audit_in
from booking.transparency.beacons.bring import BROUGHT, Part, bring_round_in, take_part_in
from booking.transparency.beacons.errors import BeaconError


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
