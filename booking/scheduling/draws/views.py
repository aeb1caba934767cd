"""How the audit of a published draw stands, for its page and for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import exists, func, select

from booking.country.core.core import Core
from booking.platform.models import AuditEntry, Draw, DrawFile
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import stored_files
from booking.scheduling.draws.format2.audit import audit_signature, picks, sample_size
from booking.scheduling.draws.format2.closing import read_facts
from booking.scheduling.draws.format2.tables import AUDIT, RESULT
from booking.scheduling.draws.publish_audit import AWAITED, FORMAT, STEP
from booking.transparency.beacons.bring import AUDIT as BY_WITNESSES
from booking.transparency.beacons.choose import waiting
from booking.transparency.beacons.terms import is_known
from booking.transparency.beacons.values import value_of

SHOWN: Final = 5
"""So many of the lines that are opened are named on a page."""
REMEMBERED: Final = timedelta(days=60)
"""So long administrators are told of a value that did not come."""


class AuditState(StrEnum):
    """How far the audit of a published draw is."""

    AWAITED = "awaited"
    CAME = "came"
    MISSING = "missing"
    """Its time is over, and it did not come."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of a published draw.

    Attributes
    ----------
    since, until
        From when to when its value is asked for.
    at, value
        When the value was published, and the value in hexadecimal digits; None before.
    round
        Of drand, whose value picks the lines; None where witnesses sign.
    need, gave, silent
        Of witnesses, before they made the value: how many must sign, who did, who did not yet.
    alone
        Whether this installation makes the value by itself.
    lines, opened
        How many lines the draw has, and how many of them observers open.
    first
        The first `SHOWN` of them: rows of line.csv, from 0.
    """

    state: AuditState
    since: datetime
    until: datetime
    at: datetime | None
    value: str | None
    round: int | None
    need: int
    gave: Sequence[str]
    silent: Sequence[str]
    alone: bool
    lines: int
    opened: int
    first: Sequence[int]


def find_audit(core: Core, draw: Draw) -> Audit | None:
    """Return how the audit of a draw stands; None before it is published, and for a draw in format 1."""
    if draw.format != FORMAT or draw.published_at is None or draw.beacon is None:
        return None
    with core.sessions() as session:
        files = {name: file.content for name, file in stored_files(session, draw, (RESULT, AUDIT)).items()}
        recorded = AuditEntry.subject == draw.reference, AuditEntry.action == f"draw.{STEP}"
        at = session.scalar(select(func.min(AuditEntry.at)).where(*recorded))
    signature, result = audit_signature(files), read_facts(files, RESULT)
    result_hash = sha256(files[RESULT][:-1]).digest()
    value = value_of(signature) if signature else None
    lines, until = int(draw.figures["asked_requests"]), draw.published_at + AWAITED
    late = core.clock.now() >= until
    asked = None if signature or result["audit"] else waiting(core, draw.beacon, result_hash, kind=BY_WITNESSES)
    return Audit(
        state=AuditState.CAME if signature else AuditState.MISSING if late else AuditState.AWAITED,
        since=draw.published_at,
        until=until,
        at=at,
        value=value.hex() if value else None,
        round=result["audit"]["round"] if result["audit"] else None,
        need=asked.need if asked else 0,
        gave=asked.gave if asked else (),
        silent=asked.silent if asked else (),
        alone=result["audit"] is None and not is_known(draw.beacon),
        lines=lines,
        opened=sample_size(lines),
        first=picks(value, result_hash, lines, min(SHOWN, sample_size(lines))) if value else (),
    )


def list_missing_audits(core: Core) -> list[str]:
    """List the draws whose value for the audit did not come in its time, those of the last `REMEMBERED` days."""
    now = core.clock.now()
    there = exists().where(DrawFile.draw_id == Draw.id, DrawFile.name == AUDIT)
    published = Draw.state == DrawState.PUBLISHED, Draw.format == FORMAT
    late = Draw.published_at.between(now - REMEMBERED, now - AWAITED)
    with core.sessions() as session:
        return list(session.scalars(select(Draw.reference).where(*published, late, ~there).order_by(Draw.reference)))
