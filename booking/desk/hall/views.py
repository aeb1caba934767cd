"""What is seen of a hall: who is called, who waits and how long still, for clerks, the display, and each one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation.hall.waiting import Waits
from booking.country.catalogue.views import local_day
from booking.country.core.core import Core
from booking.country.core.together import answer_of
from booking.desk.hall.open_counters import open_counters
from booking.desk.hall.reckon import reckon
from booking.desk.hall.rows import InHall, own_office, read_hall
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, Office, OpenCounter, Request
from booking.platform.models.states import AppointmentState


@dataclass(frozen=True, slots=True)
class Wait:
    """Between how many minutes a party still waits, in whole steps of five; None where no counter is open.

    It holds for four of five (`allocation.hall.waiting`). ``counter`` and ``number`` are those of the call that holds.
    """

    number: int | None
    at_least: int | None
    at_most: int | None
    counter: int | None = None
    there: bool = True


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall at an instant: ``called`` newest first, ``line`` in the order of calling, each with its wait."""

    office: Office
    now: datetime
    called: Sequence[InHall]
    line: Sequence[tuple[InHall, Wait]]
    counters: Sequence[OpenCounter]


def hall(core: Core, *, officer_id: UUID) -> Hall:
    """Return the hall of the officer's own office; raises ForbiddenError."""
    with core.sessions() as session:
        return _hall(session, core, own_office(session, officer_id))


def public_hall(core: Core, office_code: str) -> Hall:
    """Return the hall of an office for everyone, who are shown numbers alone; raises NotFoundError.

    Whoever asks while a hall is reckoned shares the next answer (`halls`): a whole hall may look at once.
    """
    with core.sessions() as session:
        office_id = session.scalar(select(Office.id).where(Office.code == office_code, Office.active))
    if office_id is None:
        raise NotFoundError
    return core.together.do(halls, (core, office_id))


def halls(asked: Sequence[tuple[Core, int]]) -> Sequence[Hall | Exception]:
    """Return the hall of an office for each who asks at the same time; each office is reckoned once."""
    found: dict[int, Hall | Exception] = {}
    for core, office_id in asked:
        if office_id not in found:
            found[office_id] = answer_of(partial(_hall_of, core, office_id))
    return [found[office_id] for _, office_id in asked]


def wait_of_number(seen: Hall, number: int) -> Wait:
    """Return how long a number of today still waits; raises NotFoundError where nobody of it is in the hall."""
    for one, wait in seen.line:
        if one.there and one.number == number:
            return wait
    for one in seen.called:
        if one.number == number:
            return Wait(number, 0, 0, counter=one.counter)
    raise NotFoundError


def wait_of_appointment(core: Core, account_id: UUID, reference: str) -> Wait | None:
    """Return how long an account's appointment of today still waits, also before check-in; None on other days.

    Also None where it is over, was not confirmed, or is not the account's.
    """
    with core.sessions() as session:
        found = session.scalar(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(
                Appointment.reference == reference,
                Request.account_id == account_id,
                Appointment.state.in_([AppointmentState.CONFIRMED, AppointmentState.CHECKED_IN]),
            )
        )
        if found is None or local_day(found.office, found.starts_at) != local_day(found.office, core.clock.now()):
            return None
    seen = core.together.do(halls, (core, found.office_id))
    for one, wait in seen.line:
        if one.id == found.id:
            return wait
    called = next((one for one in seen.called if one.id == found.id), None)
    return None if called is None else Wait(called.number, 0, 0, counter=called.counter)


def _hall_of(core: Core, office_id: int) -> Hall:
    with core.sessions() as session:
        return _hall(session, core, session.get_one(Office, office_id))


def _hall(session: Session, core: Core, office: Office) -> Hall:
    now = core.clock.now()
    day, late = local_day(office, now), core.pack.country.counter.late
    everyone = read_hall(session, office, day, late=late)
    counters = open_counters(session, office, day)
    called = sorted(
        (one for one in everyone if one.called_at), key=lambda one: (one.called_at, one.number), reverse=True
    )
    line = sorted(
        (one for one in everyone if not one.called_at and (one.there or one.due_at + late >= now)),
        key=lambda one: one.turn(now),
    )
    expected = reckon(session, core, office, now=now, line=line, called=called, counters=counters)
    return Hall(office, now, called, _told(line, expected), counters)


def _told(line: Sequence[InHall], expected: Waits) -> Sequence[tuple[InHall, Wait]]:
    told = zip(expected.low.tolist(), expected.high.tolist(), strict=True)
    return [
        (one, Wait(one.number, _whole(low), _whole(high), there=one.there))
        for one, (low, high) in zip(line, told, strict=True)
    ]


def _whole(minutes: float) -> int | None:
    return None if np.isinf(minutes) else int(minutes)
