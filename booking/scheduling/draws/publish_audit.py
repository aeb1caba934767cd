"""After a result: await the beacon's value over it, which picks the lines that observers open, and publish it."""

from datetime import timedelta
from hashlib import sha256
from typing import Final

import structlog
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.platform.base.errors import DrawNotReadyError
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import add_files, found, locked, record, stored_files
from booking.scheduling.draws.format2.audit import write_audit
from booking.scheduling.draws.format2.closing import read_facts
from booking.scheduling.draws.format2.tables import AUDIT, RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.proofs import entry_of
from booking.transparency.beacons.choose import fetch_audit
from booking.transparency.beacons.terms import check_audit

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

AWAITED: Final = timedelta(days=7)
"""After publication: so long the value is asked for; as long do witnesses bring their parts of it."""
JOB: Final = "publish_audit"
STEP: Final = "audit_value"
"""The step on the record."""
FORMAT: Final = 2


class AuditAwaitedError(Exception):
    """The value for the sample of a result is not there yet; the job is tried again."""


def await_audit_in(session: Session, draw: Draw) -> None:
    """Have the value for the sample of a draw's result awaited; nothing for a draw in format 1, which has none."""
    if draw.format == FORMAT:
        enqueue(session, JOB, reference=draw.reference)


def await_audit(core: Core, reference: str) -> None:
    """Publish the value for the sample of a result if it is there; the job of `JOB`.

    It is asked for until `AWAITED` is over. Then the draw's page and administrators' overview say that it did not come;
    it can still be published, as soon as somebody brings it.

    Raises
    ------
    AuditAwaitedError
        It is not there yet, and its time is not over.
    DrawNotReadyError
        The draw is not published.
    NotFoundError
        There is no such draw.
    booking.transparency.beacons.errors.BeaconError
        What came is not the right value.
    booking.scheduling.draws.formats.DamagedFileError
        The stored result is not the one in the log.
    """
    if publish_audit(core, reference):
        return
    with core.sessions() as session:
        published_at = found(session, reference).published_at
    if published_at is None or core.clock.now() < published_at + AWAITED:
        raise AuditAwaitedError(f"the value for the audit of draw {reference} is not there yet")
    log.warning("audit_value_did_not_come", reference=reference)


def publish_audit(core: Core, reference: str) -> bool:
    """Ask for the value for the sample of a published result, and publish it beside the draw's other files.

    Those stay as they are: no hash in them covers the new one, and none needs to, since there is one right value alone.

    Returns
    -------
    bool
        Whether it is published, now or before.

    Raises
    ------
    DrawNotReadyError
        The draw is not published, or in format 1.
    NotFoundError
        There is no such draw.
    booking.transparency.beacons.errors.BeaconError
        What came is not the right value.
    booking.scheduling.draws.formats.DamagedFileError
        The stored result is not the one in the log.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state is not DrawState.PUBLISHED or draw.format != FORMAT:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, in format {draw.format}: it has no audit")
        files = {name: file.content for name, file in stored_files(session, draw, (STATEMENT, RESULT, AUDIT)).items()}
    if AUDIT in files:
        return True
    entry = entry_of(core, "result", reference)
    if files[RESULT] != entry + b"\n":
        raise DamagedFileError(f"the result of draw {reference} is not the one in the log")
    statement, result, result_hash = read_facts(files, STATEMENT), read_facts(files, RESULT), sha256(entry).digest()
    signature = fetch_audit(core, statement["beacon"], result["audit"], result_hash, reference=reference)
    if signature is None:
        return False
    check_audit(statement["beacon"], result["audit"], result_hash, signature)
    content = write_audit(statement, result, result_hash, signature)
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if not stored_files(session, draw, (AUDIT,)):
            add_files(session, draw, {AUDIT: content})
            record(session, core, draw, STEP, signature=signature.hex())
    return True
