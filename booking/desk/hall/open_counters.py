"""The counters at which somebody works today: opened by the first call, in a break, closed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.desk.hall.errors import NobodyAtCounterError
from booking.desk.hall.rows import own_office
from booking.platform.base.errors import FieldError
from booking.platform.models import Account, Office, OpenCounter

LONGEST_BREAK: Final = 120
"""Minutes."""


def open_counter(session: Session, office: Office, day: date, counter: int, *, officer_id: UUID, at: datetime) -> None:
    """Keep that somebody calls at a counter now, whatever break there was; other ones where they called are closed.

    Nobody is at two counters, and one that was left, or typed by mistake, must not shorten anybody's wait. Whoever was
    called there is served all the same.
    """
    session.execute(
        update(OpenCounter)
        .where(
            OpenCounter.office_id == office.id,
            OpenCounter.local_day == day,
            OpenCounter.account_id == officer_id,
            OpenCounter.counter != counter,
            OpenCounter.closed_at.is_(None),
        )
        .values(closed_at=at)
    )
    row = insert(OpenCounter).values(
        office_id=office.id, local_day=day, counter=counter, account_id=officer_id, opened_at=at
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["office_id", "local_day", "counter"],
            set_={"account_id": officer_id, "back_at": None, "closed_at": None},
        )
    )


def open_counters(session: Session, office: Office, day: date) -> Sequence[OpenCounter]:
    """Return the counters that are not closed, also those in a break, by number."""
    return session.scalars(
        select(OpenCounter)
        .where(OpenCounter.office_id == office.id, OpenCounter.local_day == day, OpenCounter.closed_at.is_(None))
        .order_by(OpenCounter.counter)
    ).all()


def refuse_in_break(session: Session, office: Office, day: date, counter: int, *, at: datetime) -> None:
    """Raise NobodyAtCounterError where a counter is in a break."""
    there = next((one for one in open_counters(session, office, day) if one.counter == counter), None)
    if there is not None and there.back_at is not None and there.back_at > at:
        raise NobodyAtCounterError


def take_break(core: Core, *, officer_id: UUID, counter: int, minutes: int) -> None:
    """Begin a break of a counter; the next call there ends it.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    FieldError
        The break is too short or too long.
    NobodyAtCounterError
        The counter is not open.
    """
    if not 1 <= minutes <= LONGEST_BREAK:
        raise FieldError("minutes", "not_between", least=1, most=LONGEST_BREAK)
    with core.sessions.begin() as session:
        now = core.clock.now()
        _change(session, core, officer_id, counter, back_at=now + timedelta(minutes=minutes))
        _record(session, core, officer_id, "hall.break", counter=counter, minutes=minutes)


def close_counter(core: Core, *, officer_id: UUID, counter: int) -> None:
    """Close a counter until somebody calls there again; who is there is served all the same.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    NobodyAtCounterError
        The counter is not open.
    """
    with core.sessions.begin() as session:
        _change(session, core, officer_id, counter, closed_at=core.clock.now())
        _record(session, core, officer_id, "hall.closed", counter=counter)


def _change(session: Session, core: Core, officer_id: UUID, counter: int, **values: datetime) -> None:
    office = own_office(session, officer_id)
    changed = session.scalar(
        update(OpenCounter)
        .where(
            OpenCounter.office_id == office.id,
            OpenCounter.local_day == local_day(office, core.clock.now()),
            OpenCounter.counter == counter,
            OpenCounter.closed_at.is_(None),
        )
        .values(**values)
        .returning(OpenCounter.counter)
    )
    if changed is None:
        raise NobodyAtCounterError


def _record(session: Session, core: Core, officer_id: UUID, action: str, **details: int) -> None:
    officer = session.get_one(Account, officer_id)
    office = session.get_one(Office, officer.office_id)
    audit.record(session, core, officer, action, office.code, **details)
