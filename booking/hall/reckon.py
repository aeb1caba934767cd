"""How long a line still waits, in the caller's session: what was measured, what today's counters do, and the rule."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allocation.hall.coming import by_law, tickets_of
from allocation.hall.service_times import LEVELS, Kind, Time, pace, pace_spread, time_of
from allocation.hall.waiting import Counters, Queue, Waits, endless, expect
from booking.catalogue.local_days import local_day, on_day
from booking.core.core import Core
from booking.hall.measured import measured_times
from booking.hall.rows import InHall
from booking.models import Appointment, Office, OpenCounter, Request, Roster, RosterShift, Service, WalkIn
from booking.models.offices.roster import RosterState
from booking.models.states import AppointmentState, WalkInState

COMES: Final = 0.85
"""How likely a confirmed party that is not there yet comes, for those behind it."""

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

    def minutes(at: datetime | None) -> float:
        return 0.0 if at is None else max(0.0, (at - now).total_seconds() / 60)

    there = {one.counter: one for one in called}
    since = {one.counter: (now - one.called_at).total_seconds() / 60 for one in called if one.called_at}
    tickets = _tickets(session, office, now)
    paces = _paces(session, core, office, now, times, tickets)
    pauses = _pauses(session, core, office, now, counters, {one.counter: one.called_at for one in called})
    law = _first_by_law(session, office, now, tickets)
    opened = min(one.opened_at for one in counters)
    return expect(
        Queue(
            quantiles=np.array([takes(one) for one in line]).reshape(len(line), LEVELS),
            due=np.array([(one.turn(now)[1] - now).total_seconds() / 60 for one in line]),
            there_from=np.array([minutes(one.not_before if one.there else one.due_at) for one in line]),
            comes=np.array([1.0 if one.there else COMES for one in line]),
            priority=np.array([float(one.priority) if one.there else law for one in line]),
        ),
        Counters(
            quantiles=np.array(
                [takes(there[one.counter]) if one.counter in there else [0.0] * LEVELS for one in counters]
            ).reshape(len(counters), LEVELS),
            elapsed=np.array([since.get(one.counter, np.nan) for one in counters]),
            back_in=np.array([minutes(one.back_at) for one in counters]),
            away_in=np.array([pauses.get(one.counter, (np.inf, 0.0))[0] for one in counters]),
            away_for=np.array([pauses.get(one.counter, (np.inf, 0.0))[1] for one in counters]),
            pace=np.array([paces.get(one.counter, _USUAL)[0] for one in counters]),
            pace_spread=np.array([paces.get(one.counter, _USUAL)[1] for one in counters]),
        ),
        tickets_of(
            np.array([(now - one.arrived_at).total_seconds() / 60 for one in tickets]),
            (now - opened).total_seconds() / 60,
            [_time(core, times, office, one.service, 1).quantiles for one in tickets],
            law,
        ),
    )


def _time(core: Core, times: Mapping[Kind, Time], office: Office, service: Service, people: int) -> Time:
    nominal = float(service.units * core.pack.country.unit_minutes)
    return time_of(times, (office.id, service.id, people), nominal)


def _tickets(session: Session, office: Office, now: datetime) -> Sequence[WalkIn]:
    return session.scalars(
        select(WalkIn).where(WalkIn.office_id == office.id, WalkIn.local_day == local_day(office, now))
    ).all()


def _first_by_law(session: Session, office: Office, now: datetime, tickets: Sequence[WalkIn]) -> float:
    """Return how likely the law puts somebody first who is not there yet, from who came today."""
    booked, first = session.execute(
        select(func.count(), func.count().filter(Appointment.priority)).where(
            on_day(office, local_day(office, now)), Appointment.checked_in_at.is_not(None)
        )
    ).one()
    return by_law(first + sum(one.priority for one in tickets), booked + len(tickets))


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
