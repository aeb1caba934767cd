"""Check-ins that a counter recorded without the network, taken over when it is back.

The browser's clock may be wrong, so only how long ago a scan was counts: the time between scan and sending, both by
the same clock, is taken off the server's. What comes out must be a moment of the office's present day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day
from booking.country.core.core import Core
from booking.country.core.idempotency import claim_key, find_replay, fingerprint_of
from booking.country.core.permissions import Permission
from booking.country.export.taken import note_taken
from booking.desk.counter.arrive import Arrival, Finding, arrive, is_pass, refused
from booking.desk.counter.scanner import as_scanned
from booking.desk.counter.views import DaySheet, day_sheet, lines
from booking.desk.hall.rows import own_office
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference
from booking.platform.models import Account, Appointment, Office
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.passes import ForgedPassError
from booking.scheduling.requests.rows import locked_appointment

AHEAD: Final = timedelta(minutes=2)
"""How far in the future a scan may lie: clocks are set while a page is open. It counts as now then."""
LONGEST_AGO: Final = timedelta(days=2)
"""What is further away is of another day in any case."""
_TAKEN: Final = "{mawid}:sheet:"
_REMEMBERED: Final = 2 * 24 * 3600  # seconds: longer than an office's day anywhere
NOTED_SKEW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a counter recorded.

    ``key`` is the browser's own name for it, so that it is taken over once. ``text`` is the pass or the reference.
    ``at`` and ``sent_at`` are by the browser's clock. ``by`` is the account that was signed in there.
    """

    key: UUID
    text: str
    at: datetime
    sent_at: datetime
    accept_late: bool
    by: UUID | None


def sheet_to_keep(core: Core, *, officer_id: UUID) -> DaySheet:
    """Return today's sheet for a browser that keeps it; that the account took it is on record once for office and day.

    Browsers ask for it each minute, for as long as a session of staff lasts without a click.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    """
    found = day_sheet(core, officer_id=officer_id)
    mark = f"{_TAKEN}{officer_id}:{found.office.code}:{found.day}"
    if not core.redis.exists(mark):
        about = {"of": found.office.code, "day": found.day.isoformat()}
        serves, rows = Permission.SERVE_COUNTER, len(found.lines)
        note_taken(core, by=officer_id, permission=serves, what="day sheet", rows=rows, **about)
        core.redis.set(mark, b"1", ex=_REMEMBERED)
    return found


def take_over(core: Core, *, officer_id: UUID, recorded: Recorded) -> Arrival:
    """Check in a recorded party as if it stood there at that moment; the same record again gives the same answer.

    Nothing is trusted but what the clerk may do anyway: signature, office, day, time and use are checked as for a
    check-in of now. The audit log says that it was recorded without the network, and by whom where someone else sends.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    IdempotencyConflictError
        The same key came with something else before.
    """
    now = core.clock.now()
    at = now - max(-LONGEST_AGO, min(LONGEST_AGO, recorded.sent_at - recorded.at))
    key = f"check-in:{recorded.key}"
    fingerprint = fingerprint_of({"text": recorded.text, "accept_late": recorded.accept_late})
    with core.sessions.begin() as session:
        office = own_office(session, officer_id)
        reference, appointment = _meant(session, core, recorded.text)
        before = find_replay(session, officer_id, key, fingerprint)  # a twin holds the appointment until it is kept
        if before is not None:
            found = lines(session, [appointment], office_id=office.id)[0] if appointment else None
            return Arrival(Finding(before), found)
        details = _details(session, recorded, office, officer_id, at=at, now=now)
        finding = _out_of_time(office, at, now)
        if finding is None and appointment is not None:
            arrival = arrive(
                session,
                core,
                appointment,
                office,
                officer_id=officer_id,
                at=min(at, now),
                accept_late=recorded.accept_late,
                **details,
            )
        else:
            arrival = Arrival(finding or (Finding.UNKNOWN if reference else Finding.FORGED))
            refused(session, core, officer_id, reference, arrival.finding, **details)
        claim_key(
            session,
            account_id=officer_id,
            key=key,
            fingerprint=fingerprint,
            result=arrival.finding.value,
            now=now,
        )
        return arrival


def _meant(session: Session, core: Core, text: str) -> tuple[str, Appointment | None]:
    """Return the reference, "" of a forged pass, and its appointment, locked; None where there is none."""
    try:
        if is_pass(text):
            reference = passes.read(as_scanned(text), core.vault.verifier()).reference
        else:
            reference = read_reference(text)
    except (ForgedPassError, FieldError):
        return "", None
    try:
        return reference, locked_appointment(session, reference)
    except NotFoundError:
        return reference, None


def _out_of_time(office: Office, at: datetime, now: datetime) -> Finding | None:
    if at > now + AHEAD:
        return Finding.CLOCK_AHEAD
    return None if local_day(office, at) == local_day(office, now) else Finding.DAY_OVER


def _details(
    session: Session, recorded: Recorded, office: Office, officer_id: UUID, *, at: datetime, now: datetime
) -> dict[str, str | int]:
    """Say in the audit log when it was recorded, by whom, and how far that clock was off (seconds)."""
    details: dict[str, str | int] = {"recorded_offline_at": at.isoformat(timespec="seconds")}
    skew = recorded.sent_at - now
    if abs(skew) >= NOTED_SKEW:
        details["clock_off"] = round(skew.total_seconds())
    if recorded.by is not None and recorded.by != officer_id:
        colleague = session.get(Account, recorded.by)
        known = colleague is not None and colleague.office_id == office.id
        details["recorded_by"] = colleague.username if colleague is not None and known else "unknown"
    return details
