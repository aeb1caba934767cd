"""Between closing and drawing: witnesses sign what was fixed, and the value that decides with the seed comes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from booking.country.core.core import Core
from booking.platform.base.exact_json import canonical
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.files import PLAN
from booking.scheduling.draws.format2.closing import statement_hash
from booking.scheduling.draws.formats import DamagedFileError, content_of, digest
from booking.scheduling.draws.proofs import entry_of, statement_proof
from booking.scheduling.draws.rows import locked, record
from booking.transparency.beacons.choose import fetch
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
