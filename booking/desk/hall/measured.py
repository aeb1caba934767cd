"""How long services take, measured by a job of the night from the calls of the last weeks.

A visit for several services says of none of them how long it takes, and is left out.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import numpy as np
from sqlalchemy import delete, or_, select, text
from sqlalchemy.orm import Session

from allocation.hall.service_times import Kind, Measured, Time, learn
from booking.country.core.core import Core
from booking.platform.models import Service, ServiceTime

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
