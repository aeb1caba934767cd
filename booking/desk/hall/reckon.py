"""How long a line still waits, in the caller's session: what was measured, what today's counters do, and the rule.

How long services take, measured by a job of the night from the calls of the last weeks.

A visit for several services says of none of them how long it takes, and is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import CursorResult, Update, delete, or_, select, text, update
from sqlalchemy.orm import Session

from allocation.hall.service_times import LEVELS, Kind, Measured, Minutes, Time, learn, pace, pace_spread, time_of
from allocation.hall.waiting import (
    Counters,
    Queue,
    Waits,
    arrivals,
    by_law,
    comes_at_all,
    early,
    endless,
    expect,
    tickets_of,
)
from booking.country.catalogue.views import local_day, on_day
from booking.country.core.core import Core
from booking.desk.hall.rows import InHall
from booking.platform.models import (
    Appointment,
    Office,
    OpenCounter,
    Request,
    Roster,
    RosterShift,
    Service,
    ServiceTime,
    WalkIn,
)
from booking.platform.models.offices.roster import RosterState
from booking.platform.models.states import AppointmentState, WalkInState

WINDOW: Final = timedelta(days=90)
_VISITS: Final = """
    SELECT a.office_id, r.service_id, r.party_size, extract(epoch FROM a.ended_at - a.called_at) / 60
    FROM appointment a JOIN request r ON r.id = a.request_id
    WHERE a.state = 'served' AND a.called_at IS NOT NULL AND a.starts_at >= :since AND a.ended_at > a.called_at
        AND r.service_count = 1  -- of several nobody knows how long each of them took
    UNION ALL
    SELECT office_id, service_id, 1, extract(epoch FROM ended_at - called_at) / 60
    FROM walk_in WHERE state = 'served' AND arrived_at >= :since AND ended_at > called_at
"""


def measure_service_times(core: Core) -> int:
    """Measure the last ninety days anew and keep the result; return how many kinds of visits have a measured time."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        rows = session.execute(text(_VISITS), {"since": now - WINDOW}).all()
        columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.array([], np.int64)] * 4
        office, service, people = (column.astype(np.int64) for column in columns[:3])
        measured = Measured(office, service, people, columns[3].astype(np.float64))
        times = learn(measured, nominal_minutes(session, core))
        session.execute(delete(ServiceTime))
        session.add_all(
            ServiceTime(
                office_id=office_id,
                service_id=service_id,
                people=size,
                counted=time.counted,
                quantiles=time.quantiles.round(3).tolist(),
                measured_at=now,
            )
            for (office_id, service_id, size), time in times.items()
        )
        return len(times)


def measured_times(session: Session, office_id: int) -> Mapping[Kind, Time]:
    """Return what was measured at an office, and everywhere."""
    rows = session.scalars(
        select(ServiceTime).where(or_(ServiceTime.office_id == office_id, ServiceTime.office_id.is_(None)))
    )
    return {(one.office_id, one.service_id, one.people): Time(np.array(one.quantiles), one.counted) for one in rows}


def nominal_minutes(session: Session, core: Core) -> dict[int, float]:
    """Return the minutes of one person that the catalogue states, by service; online services have none."""
    units = session.execute(select(Service.id, Service.units).where(Service.units > 0)).all()
    return {service_id: float(count * core.pack.country.unit_minutes) for service_id, count in units}


_BOOKED: Final = (
    AppointmentState.CONFIRMED,
    AppointmentState.CHECKED_IN,
    AppointmentState.SERVED,
    AppointmentState.NO_SHOW,
)


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """The tickets of the day, whatever became of them; and of who is not there yet, from who was.

    ``law`` is how likely the law puts them first, ``comes`` how likely they come, where they have an appointment, and
    ``early`` how many minutes before it (`allocation.hall.waiting.early`).
    """

    tickets: Sequence[WalkIn]
    law: float
    comes: float
    early: Minutes


def came_today(session: Session, core: Core, office: Office, now: datetime) -> Today:
    """Return who came to an office today until now; of appointments those count of which nobody is waited for."""
    day, late = local_day(office, now), core.pack.country.counter.late
    tickets = session.scalars(select(WalkIn).where(WalkIn.office_id == office.id, WalkIn.local_day == day)).all()
    booked = session.execute(
        select(Appointment.starts_at, Appointment.checked_in_at, Appointment.priority).where(
            on_day(office, day), Appointment.state.in_(_BOOKED)
        )
    ).all()
    came = [one for one in booked if one.checked_in_at is not None]
    over = [one for one in booked if one.starts_at + late <= now]
    minutes = [
        (one.starts_at - one.checked_in_at).total_seconds() / 60 for one in over if one.checked_in_at is not None
    ]
    return Today(
        tickets=tickets,
        law=by_law(sum(one.priority for one in came) + sum(one.priority for one in tickets), len(came) + len(tickets)),
        comes=comes_at_all(len(minutes), len(over)),
        early=early(np.array(minutes)),
    )


_USUAL: Final = (1.0, pace_spread(0))


def reckon(
    session: Session,
    core: Core,
    office: Office,
    *,
    now: datetime,
    line: Sequence[InHall],
    called: Sequence[InHall],
    counters: Sequence[OpenCounter],
) -> Waits:
    """Return how long each of a line still waits, in its order."""
    if not line or not counters:
        return endless(len(line))
    times = measured_times(session, office.id)

    def takes(one: InHall) -> list[float]:
        parts = [_time(core, times, office, service, people).quantiles for service, people in one.parts]
        return list(np.sum(parts, axis=0))

    there = {one.counter: one for one in called}
    since = {one.counter: (now - one.called_at).total_seconds() / 60 for one in called if one.called_at}
    today = came_today(session, core, office, now)
    paces = _paces(session, core, office, now, times, today.tickets)
    pauses = _pauses(session, core, office, now, counters, {one.counter: one.called_at for one in called})
    opened = min([one.opened_at for one in counters] + [one.arrived_at for one in today.tickets])
    return expect(
        _queue(line, now, today, np.array([takes(one) for one in line])),
        Counters(
            quantiles=np.array(
                [takes(there[one.counter]) if one.counter in there else [0.0] * LEVELS for one in counters]
            ).reshape(len(counters), LEVELS),
            elapsed=np.array([since.get(one.counter, np.nan) for one in counters]),
            back_in=np.array([_minutes_until(one.back_at, now) for one in counters]),
            away_in=np.array([pauses.get(one.counter, (np.inf, 0.0))[0] for one in counters]),
            away_for=np.array([pauses.get(one.counter, (np.inf, 0.0))[1] for one in counters]),
            pace=np.array([paces.get(one.counter, _USUAL)[0] for one in counters]),
            pace_spread=np.array([paces.get(one.counter, _USUAL)[1] for one in counters]),
        ),
        tickets_of(
            np.array([(now - one.arrived_at).total_seconds() / 60 for one in today.tickets]),
            (now - opened).total_seconds() / 60,
            [_time(core, times, office, one.service, 1).quantiles for one in today.tickets],
            today.law,
            after=max([_minutes_until(one.due_at, now) for one in line if not one.reference], default=0.0),
        ),
    )


def _queue(line: Sequence[InHall], now: datetime, today: Today, quantiles: Minutes) -> Queue:
    here = np.array([one.there for one in line])
    due = np.array([(one.turn(now)[1] - now).total_seconds() / 60 for one in line])
    comes_in, comes = arrivals(due, today.early, today.comes)
    again = np.array([_minutes_until(one.not_before, now) for one in line])
    return Queue(
        quantiles=quantiles,
        due=due,
        there_from=np.where(here[:, None], again[:, None], comes_in),
        comes=np.where(here, 1.0, comes),
        priority=np.where(here, np.array([one.priority for one in line]), today.law),
    )


def _minutes_until(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (at - now).total_seconds() / 60)


def _time(core: Core, times: Mapping[Kind, Time], office: Office, service: Service, people: int) -> Time:
    nominal = float(service.units * core.pack.country.unit_minutes)
    return time_of(times, (office.id, service.id, people), nominal)


def _pauses(
    session: Session,
    core: Core,
    office: Office,
    now: datetime,
    counters: Sequence[OpenCounter],
    called_at: Mapping[int | None, datetime | None],
) -> dict[int, tuple[float, float]]:
    """Return by counter in how many minutes the pause of whoever works there begins, by the roster, and how long it is.

    One that should have begun comes once who is there is served, where they were called before it. Others are left out:
    it may be over, and whoever takes one says so.
    """
    local = now.astimezone(ZoneInfo(office.time_zone))
    shifts = session.execute(
        select(RosterShift.account_id, RosterShift.shift)
        .join(Roster, Roster.id == RosterShift.roster_id)
        .where(
            Roster.state == RosterState.PUBLISHED,
            RosterShift.day == local.date(),
            RosterShift.account_id.in_([one.account_id for one in counters]),
        )
    )
    kinds = {one.account_id: core.pack.country.roster.shift(one.shift) for one in shifts}
    pauses = {}
    for one in counters:
        kind = kinds.get(one.account_id)
        if kind is None or kind.pause_from is None or kind.pause_until is None:
            continue
        begins, ends = (_minutes_of(at) for at in (kind.pause_from, kind.pause_until))
        starts = begins - _minutes_of(local.time())
        called = called_at.get(one.counter)
        since = np.inf if called is None else (called - now).total_seconds() / 60
        if starts > 0 or since < starts:
            pauses[one.counter] = (max(starts, 0.0), ends - begins)
    return pauses


def _minutes_of(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60


def _paces(
    session: Session,
    core: Core,
    office: Office,
    now: datetime,
    times: Mapping[Kind, Time],
    tickets: Iterable[WalkIn],
) -> dict[int, tuple[float, float]]:
    """Return how slow each counter is today against what is usual, and how sure that is.

    It is told from the visits for one service that it ended.
    """
    day = local_day(office, now)
    visits = session.execute(
        select(Appointment.counter, Appointment.called_at, Appointment.ended_at, Request.party_size, Service)
        .join(Request, Request.id == Appointment.request_id)
        .join(Service, Service.id == Request.service_id)
        .where(
            on_day(office, day),
            Appointment.state == AppointmentState.SERVED,
            Appointment.called_at.is_not(None),
            Request.service_count == 1,
        )
    ).all()
    served = [one for one in tickets if one.state is WalkInState.SERVED]
    ended: list[Any] = [*visits, *((one.counter, one.called_at, one.ended_at, 1, one.service) for one in served)]
    took: dict[int, list[tuple[float, float]]] = {}
    for counter, called_at, ended_at, people, service in ended:
        minutes = (ended_at - called_at).total_seconds() / 60
        took.setdefault(counter, []).append((minutes, _time(core, times, office, service, people).mean))
    return {
        counter: (pace(*(np.array(column) for column in zip(*pairs, strict=True))), pace_spread(len(pairs)))
        for counter, pairs in took.items()
    }


KEPT: Final = timedelta(days=30)
"""After the day in the hall; until then a supervisor who is asked about it can look."""
BATCH: Final = 5_000


def forget_priorities(core: Core) -> int:
    """Forget of appointments and tickets whose day is long over that the law put them first; return of how many."""
    before = core.clock.now() - KEPT
    booked = select(Appointment.id).where(Appointment.priority, Appointment.starts_at < before).limit(BATCH)
    tickets = select(WalkIn.id).where(WalkIn.priority, WalkIn.local_day < before.date()).limit(BATCH)
    return _forget(
        core,
        update(Appointment).where(Appointment.id.in_(booked.with_for_update(skip_locked=True))).values(priority=False),
    ) + _forget(
        core, update(WalkIn).where(WalkIn.id.in_(tickets.with_for_update(skip_locked=True))).values(priority=False)
    )


def _forget(core: Core, statement: Update) -> int:
    forgotten = 0
    while True:
        with core.sessions.begin() as session:
            done: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment] # an UPDATE has a count
            forgotten += done.rowcount
        if done.rowcount < BATCH:
            return forgotten
