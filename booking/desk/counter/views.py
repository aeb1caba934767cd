"""The day sheet: who comes to an office on a day, and finding someone on it or beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day, on_day
from booking.country.core import audit, four_eyes
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.register import seal_national_number
from booking.country.packs.national_number import normalise
from booking.desk.hall.rows import own_office
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.fields import latin_digits
from booking.platform.base.references import read_reference
from booking.platform.models import (
    Account,
    Appointment,
    HouseholdMember,
    Office,
    Person,
    Request,
    RequestMember,
    Service,
)
from booking.platform.models.states import AppointmentState

ON_THE_SHEET: Final = (
    AppointmentState.CONFIRMED,
    AppointmentState.CHECKED_IN,
    AppointmentState.SERVED,
    AppointmentState.UNSERVED,
    AppointmentState.NO_SHOW,
)
MOST_FOUND: Final = 20
LONGEST_SEARCH: Final = 80
LOOK_BACK: Final = timedelta(days=30)
# Letters that people write one for the other, and marks that many leave out.
_WRITTEN_FOR: Final = ("أإآٱةىؤئ", "ااااهيوي")
_MARKS: Final = "ًٌٍَُِّْـ"
_LATIN: Final = re.compile("[A-Za-z]")
_FOLD: Final = str.maketrans(*_WRITTEN_FOR) | dict.fromkeys(map(ord, _MARKS))


@dataclass(frozen=True, slots=True)
class SheetLine:
    """An appointment and its people, under the names that the account gave, in the order of the request.

    ``ours`` is false for an appointment of another office, of which nothing but place and time is shown: no names.
    ``errands`` says who comes for what, where it is for several services.
    """

    appointment: Appointment
    people: tuple[str, ...]
    ours: bool = True
    errands: tuple[tuple[Service, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class DaySheet:
    """One day at one office; ``left_open`` are parties of earlier days that nobody marked as served."""

    office: Office
    day: date
    lines: tuple[SheetLine, ...]
    left_open: tuple[SheetLine, ...]

    def count(self, state: AppointmentState) -> int:
        """Count the lines in a state."""
        return sum(line.appointment.state is state for line in self.lines)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, at most ``MOST_FOUND`` lines; ``by`` is "reference", "number" or "name"."""

    by: str
    lines: tuple[SheetLine, ...]


def day_sheet(core: Core, *, officer_id: UUID) -> DaySheet:
    """Return today's sheet of the officer's own office, in the order of time; raises ForbiddenError."""
    with core.sessions() as session:
        office = own_office(session, officer_id)
        day = local_day(office, core.clock.now())
        today = session.scalars(
            select(Appointment)
            .where(on_day(office, day), Appointment.state.in_(ON_THE_SHEET))
            .order_by(Appointment.starts_at, Appointment.reference)
        ).all()
        open_before = session.scalars(
            select(Appointment)
            .where(
                Appointment.office_id == office.id,
                Appointment.state == AppointmentState.CHECKED_IN,
                Appointment.starts_at < datetime.combine(day, time(), ZoneInfo(office.time_zone)),
            )
            .order_by(Appointment.starts_at, Appointment.reference)
        ).all()
        return DaySheet(office, day, lines(session, today), lines(session, open_before))


def find_line(core: Core, *, officer_id: UUID, reference: str) -> SheetLine:
    """Return one appointment of the officer's own office, whatever its day; another day's is audited.

    Raises
    ------
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    """
    with core.sessions.begin() as session:
        appointment = session.scalar(select(Appointment).where(Appointment.reference == reference))
        owner = appointment.office_id if appointment else None
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
        if appointment is None:
            raise NotFoundError
        office = appointment.office
        if local_day(office, appointment.starts_at) != local_day(office, core.clock.now()):
            audit.record(session, core, officer, "counter.opened", reference)
        return lines(session, [appointment])[0]


def find(core: Core, *, officer_id: UUID, text: str) -> Found:
    """Look for a reference, a national number or a name, and keep in the audit log that somebody looked.

    Names are looked for among the appointments of the own office, from thirty days ago on; the words may stand in any
    order, and letters that people write one for the other count as the same. A reference or number is also found at
    another office, without names.

    Raises
    ------
    FieldError
        Nothing was typed, or too much.
    ForbiddenError
        The account serves no counter.
    """
    typed = " ".join(text.split())
    if not typed or len(typed) > LONGEST_SEARCH:
        raise FieldError("text", "missing" if not typed else "too_long", max=LONGEST_SEARCH)
    with core.sessions.begin() as session:
        office = own_office(session, officer_id)
        by, condition = _meant(session, core, typed)
        statement = select(Appointment).join(Request, Request.id == Appointment.request_id).where(condition)
        if by == "name":
            statement = statement.where(Appointment.office_id == office.id)
        if by != "reference":
            statement = statement.where(
                Appointment.starts_at >= core.clock.now() - LOOK_BACK,
                Appointment.state.in_([*ON_THE_SHEET, AppointmentState.OFFERED]),
            )
        found = session.scalars(
            statement.order_by(Appointment.starts_at, Appointment.reference).limit(MOST_FOUND)
        ).all()
        officer = session.get_one(Account, officer_id)
        subject = found[0].reference if by == "reference" and found else ""
        whom = {four_eyes.KEY: four_eyes.looked_for(core, _number(core, typed))} if by == "number" else {}
        audit.record(session, core, officer, "counter.searched", subject, by=by, found=len(found), **whom)
        return Found(by, lines(session, found, office_id=office.id))


def lines(
    session: Session, appointments: Sequence[Appointment], *, office_id: int | None = None
) -> tuple[SheetLine, ...]:
    """Put names beside appointments, by one statement; only to those of ``office_id`` where it is given."""
    ours = [one for one in appointments if office_id in {None, one.office_id}]
    names: dict[UUID, dict[UUID, str]] = {}
    for request_id, person_id, name in session.execute(
        select(RequestMember.request_id, RequestMember.person_id, HouseholdMember.name)
        .join(Request, Request.id == RequestMember.request_id)
        .join(
            HouseholdMember,
            (HouseholdMember.person_id == RequestMember.person_id) & (HouseholdMember.account_id == Request.account_id),
        )
        .where(RequestMember.request_id.in_([one.request_id for one in ours]))
        .order_by(RequestMember.request_id, RequestMember.position)
    ):
        names.setdefault(request_id, {})[person_id] = name
    for one in appointments:
        _ = one.request.services  # read here, while the session is open
    return tuple(
        SheetLine(
            one,
            tuple(names.get(one.request_id, {}).values()),
            ours=office_id in {None, one.office_id},
            errands=_errands(one.request, names.get(one.request_id, {})),
        )
        for one in appointments
    )


def _errands(request: Request, names: Mapping[UUID, str]) -> tuple[tuple[Service, tuple[str, ...]], ...]:
    """Return who comes for each of several services, by their names; nothing where it is one service for all."""
    if request.service_count == 1:
        return ()
    return tuple(
        (
            service,
            tuple(names[one.person_id] for one in request.errands if one.service == service and one.person_id in names),
        )
        for service in request.services
    )


def _meant(session: Session, core: Core, typed: str) -> tuple[str, ColumnElement[bool]]:
    """Return the kind of what was typed, and the condition that finds it."""
    plain = latin_digits(typed)
    has_digit = any(character.isdigit() for character in plain)
    try:
        reference = read_reference(plain)
    except FieldError:
        if has_digit and _LATIN.search(plain):
            raise FieldError("text", "reference_misread") from None
    else:
        known = session.scalar(select(Appointment.id).where(Appointment.reference == reference))
        if has_digit or known is not None:  # a Latin name may look like a reference
            return "reference", Appointment.reference == reference
    if has_digit:
        return "number", _has_number(session, core, plain)
    account_name = func.translate(func.lower(HouseholdMember.name), *_folding())
    words: list[Any] = [account_name.contains(word, autoescape=True) for word in typed.lower().translate(_FOLD).split()]
    members = (
        select(RequestMember.request_id)
        .join(Request, Request.id == RequestMember.request_id)
        .join(
            HouseholdMember,
            (HouseholdMember.person_id == RequestMember.person_id) & (HouseholdMember.account_id == Request.account_id),
        )
        .where(*words)
    )
    return "name", Appointment.request_id.in_(members)


def _has_number(session: Session, core: Core, typed: str) -> ColumnElement[bool]:
    """Find a person by the keyed hash of the number; one that cannot exist raises its FieldError."""
    number = _number(core, typed)
    person = session.scalar(
        select(Person.id).where(Person.national_number_hash == seal_national_number(core.vault, number).hash)
    )
    members = select(RequestMember.request_id).where(RequestMember.person_id == person)
    return Appointment.request_id.in_(members)


def _number(core: Core, typed: str) -> str:
    return normalise(latin_digits(typed), core.pack.country.national_number, field="text")


def _folding() -> tuple[str, str]:
    """Return what PostgreSQL's translate() needs to fold a name; signs without a partner are dropped."""
    return _WRITTEN_FOR[0] + _MARKS, _WRITTEN_FOR[1]
