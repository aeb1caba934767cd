"""Someone stands at the door: check in by pass or by reference, and say in one word what was found.

Check-ins that a counter recorded without the network, taken over when it is back.

The browser's clock may be wrong, so only how long ago a scan was counts: the time between scan and sending, both by
the same clock, is taken off the server's. What comes out must be a moment of the office's present day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.idempotency import claim_key, find_replay, fingerprint_of
from booking.country.export.tables import note_taken
from booking.desk.counter.views import DaySheet, SheetLine, day_sheet, lines
from booking.desk.hall.rows import next_number, own_office
from booking.people.identity.dispute import forget_visitors_in, see_visitors_in
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference
from booking.platform.models import Account, Appointment, Office
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.passes import ForgedPassError
from booking.scheduling.requests.rows import locked_appointment

# The Arabic (101) layout of Windows and its likes: which sign stands where a Latin letter does, without and with shift.
_PLAIN: Final = dict(
    zip(
        "قفغعهخحشسيبلاتنمئءؤرىة" + "ضصث",
        "RTYUIOPASDFGHJKLZXCVNM" + "QWE",
        strict=True,
    )
)
_SHIFTED: Final = {
    "\u064e": "Q",
    "\u064b": "W",
    "\u064f": "E",
    "\u064c": "R",
    "إ": "Y",
    "\u2018": "U",
    "÷": "I",
    "×": "O",
    "؛": "P",
    "\u0650": "A",
    "\u064d": "S",
    "]": "D",
    "[": "F",
    "أ": "H",
    "ـ": "J",
    "،": "K",
    "/": "L",
    "~": "Z",
    "\u0652": "X",
    "}": "C",
    "{": "V",
    "آ": "N",
    "\u2019": "M",
}
PAIRS: Final[Mapping[str, str]] = {"لإ": "T", "لأ": "G", "لآ": "B", "لا": "B"}
_DIGITS: Final = {digit: str(value) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩")}
SIGNS: Final[Mapping[str, str]] = _PLAIN | _SHIFTED | _DIGITS
"""What a sign of the Arabic layout stands for; ``PAIRS`` come before. Browsers without the network are given both."""
_SIGNS: Final = str.maketrans(dict(SIGNS))


def as_scanned(text: str) -> str:
    """Return a pass as its code says it, whichever of the two keyboard layouts was on; Latin letters stay.

    In the Arabic layout the keys G and H type the two letters that the key B types at once. Both readings of such a
    pair differ, so the pair is read as B; where the scanner sends capitals, as passes are written, nothing is unclear.
    """
    plain = "".join(text.split())
    for signs, letter in PAIRS.items():
        plain = plain.replace(signs, letter)
    return plain.translate(_SIGNS).upper()


SHORTEST_PASS: Final = 40
"""A text without spaces that is at least so long is a pass, or was one; no reference, number or name is."""


class Finding(StrEnum):
    """What came of a check-in. Only ``ADMITTED`` changes something.

    The last two are of check-ins that were recorded without the network (`booking.desk.counter.arrive`).
    """

    ADMITTED = "admitted"
    FORGED = "forged"
    UNKNOWN = "unknown"
    OTHER_OFFICE = "other_office"
    OTHER_DAY = "other_day"
    EARLY = "early"
    LATE = "late"
    ALREADY_HERE = "already_here"
    SERVED = "served"
    UNSERVED = "unserved"
    MISSED = "missed"
    NOT_CONFIRMED = "not_confirmed"
    CANCELLED = "cancelled"
    DAY_OVER = "day_over"
    CLOCK_AHEAD = "clock_ahead"


_BY_STATE: Final = {
    AppointmentState.OFFERED: Finding.NOT_CONFIRMED,
    AppointmentState.CHECKED_IN: Finding.ALREADY_HERE,
    AppointmentState.SERVED: Finding.SERVED,
    AppointmentState.UNSERVED: Finding.UNSERVED,
    AppointmentState.NO_SHOW: Finding.MISSED,
    AppointmentState.LAPSED: Finding.CANCELLED,
    AppointmentState.CANCELLED: Finding.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found, and whose appointment it is; ``line`` is empty where there is none.

    ``from_when`` is the first instant at which the party can check in.
    """

    finding: Finding
    line: SheetLine | None = None
    from_when: datetime | None = None


def is_pass(text: str) -> bool:
    """Return whether this is a scanned pass, whole or cut off, and not what a clerk types."""
    return len(text) >= SHORTEST_PASS and len(text.split()) == 1


def scan(core: Core, *, officer_id: UUID, text: str) -> Arrival:
    """Check in by pass: signature, office, day, time and use are checked; nothing changes unless all are right.

    What counts is the appointment as it stands now, not what the pass says: a pass from before a move is still its
    owner's. A refused pass is in the audit log.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    """
    try:
        content = passes.read(as_scanned(text), core.vault.verifier())
    except ForgedPassError:
        with core.sessions.begin() as session:
            own_office(session, officer_id)
            refused(session, core, officer_id, "", Finding.FORGED)
        return Arrival(Finding.FORGED)
    return check_in(core, officer_id=officer_id, reference=content.reference)


def check_in(core: Core, *, officer_id: UUID, reference: str, accept_late: bool = False) -> Arrival:
    """Keep that the party stands at the door, where that is right.

    Parameters
    ----------
    accept_late
        The clerk decides that someone who comes after the grace of the country pack is still received.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    """
    with core.sessions.begin() as session:
        office = own_office(session, officer_id)
        try:
            appointment = locked_appointment(session, reference)
        except NotFoundError:
            refused(session, core, officer_id, reference, Finding.UNKNOWN)
            return Arrival(Finding.UNKNOWN)
        return arrive(
            session, core, appointment, office, officer_id=officer_id, at=core.clock.now(), accept_late=accept_late
        )


def arrive(
    session: Session,
    core: Core,
    appointment: Appointment,
    office: Office,
    *,
    officer_id: UUID,
    at: datetime,
    accept_late: bool,
    **details: str | int,
) -> Arrival:
    """Check in, in the caller's transaction, a party that stood at the door at ``at``; the appointment is locked.

    Its proven people are seen from now on (`booking.people.identity.dispute`).
    ``details`` go into the audit log beside what was done or refused.
    """
    rules = core.pack.country.counter
    finding = _find(appointment, office, at, rules.early, rules.late, accept_late=accept_late)
    if finding is Finding.ADMITTED:
        appointment.check_in(at, next_number(session, office, local_day(office, at)))
        officer = session.get_one(Account, officer_id)
        audit.record(session, core, officer, "appointment.checked_in", appointment.reference, **details)
        see_visitors_in(session, appointment.request, officer_id=officer_id)
    else:
        refused(session, core, officer_id, appointment.reference, finding, **details)
    line = lines(session, [appointment], office_id=office.id)[0]
    return Arrival(finding, line, appointment.starts_at - rules.early)


def undo_check_in(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Take a check-in back: other people stood there, or the wrong line was chosen. The pass can be used again.

    Raises
    ------
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        Nobody is checked in.
    """
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
        appointment = locked_appointment(session, reference)
        appointment.undo_check_in()
        forget_visitors_in(session, appointment.request)
        audit.record(session, core, officer, "appointment.check_in_undone", reference)


def _find(
    appointment: Appointment, office: Office, now: datetime, early: timedelta, late: timedelta, *, accept_late: bool
) -> Finding:
    if appointment.office_id != office.id:
        return Finding.OTHER_OFFICE
    if appointment.state in _BY_STATE:
        return _BY_STATE[appointment.state]
    if local_day(office, appointment.starts_at) != local_day(office, now):
        return Finding.OTHER_DAY
    if now < appointment.starts_at - early:
        return Finding.EARLY
    if now > appointment.starts_at + late and not accept_late:
        return Finding.LATE
    return Finding.ADMITTED


def refused(
    session: Session, core: Core, officer_id: UUID, reference: str, finding: Finding, **details: str | int
) -> None:
    """Keep in the audit log that a check-in was refused."""
    audit.record(session, core, session.get_one(Account, officer_id), f"check_in.{finding.value}", reference, **details)


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
