"""Calling: the next one to a counter, to another counter, back into the line; and who goes first by law.

A clerk cannot choose whom to call. All that changes the line is in the audit log.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, func, update
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import refuse_own_number, refuse_own_request
from booking.desk.hall.errors import CounterBusyError, NobodyAtCounterError
from booking.desk.hall.open_counters import open_counter, refuse_in_break
from booking.desk.hall.rows import InHall, lock_hall, next_number, own_office, read_hall
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.models import Account, Appointment, Office, WalkIn
from booking.platform.models.states import AppointmentState, WalkInState

HIGHEST_COUNTER: Final = 200
CALLED_AGAIN_AFTER: Final = timedelta(minutes=5)
"""Who did not come to the counter is called again, not before."""


def check_counter(counter: int) -> int:
    """Return the number of a counter as it is; raises FieldError where there is none of this number."""
    if not 1 <= counter <= HIGHEST_COUNTER:
        raise FieldError("counter", "unknown_counter", most=HIGHEST_COUNTER)
    return counter


def call_next(core: Core, *, officer_id: UUID, counter: int) -> InHall | None:
    """Call the next in the line to a counter, which opens or ends its break; None where nobody waits.

    Two clerks never call the same party.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    FieldError
        There is no counter of this number.
    CounterBusyError
        Somebody who was called there is neither served nor gone.
    """
    check_counter(counter)
    with core.sessions.begin() as session:
        office, now = own_office(session, officer_id), core.clock.now()
        hall = _locked(session, core, office, now)
        _free(hall, counter)
        open_counter(session, office, local_day(office, now), counter, officer_id=officer_id, at=now)
        line = sorted((one for one in hall if one.waits), key=lambda one: one.turn(now))
        ready = [one for one in line if one.not_before is None or one.not_before <= now]
        for one in ready or line:
            if _call(session, one, counter, now):
                number = one.number or _number_now(session, office, one, now)
                _record(session, core, officer_id, "called", office, one, number=number, counter=counter)
                return one
        return None


def send_on(core: Core, *, officer_id: UUID, number: int, counter: int) -> None:
    """Send whom a counter called on to another counter, which has to be free; their time goes on.

    It opens no counter: a desk that calls nobody gets whom others send, and shortens no wait.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    FieldError
        There is no counter of this number.
    CounterBusyError
        Somebody is at the other counter.
    NobodyAtCounterError
        Nobody of this number is at a counter, or the other one is in a break.
    """
    check_counter(counter)
    with core.sessions.begin() as session:
        office, now = own_office(session, officer_id), core.clock.now()
        hall = _locked(session, core, office, now)
        one = _called(hall, number)
        _free(hall, counter)
        refuse_in_break(session, office, local_day(office, now), counter, at=now)
        _move(session, one, counter=counter)
        _record(session, core, officer_id, "sent_on", office, one, number=number, counter=counter)


def put_back(core: Core, *, officer_id: UUID, number: int) -> None:
    """Put whom a counter called in vain back into the line: called again in some minutes, if they come.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    NobodyAtCounterError
        Nobody of this number is at a counter.
    """
    with core.sessions.begin() as session:
        office, now = own_office(session, officer_id), core.clock.now()
        one = _called(_locked(session, core, office, now), number)
        state = {} if one.reference else {"state": WalkInState.WAITING}
        _move(session, one, counter=None, called_at=None, not_before=now + CALLED_AGAIN_AFTER, **state)
        _record(session, core, officer_id, "put_back", office, one, number=number)


def put_first(core: Core, *, officer_id: UUID, number: int, first: bool) -> None:
    """Keep whether the law puts a party first (the country pack says whom), and not why.

    The audit log, which outlasts the rows, says who did it and when, and not of whom: it would be about their health.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The party is of the clerk's own person, household or phone.
    NotFoundError
        Nobody of this number waits.
    """
    with core.sessions.begin() as session:
        office, now = own_office(session, officer_id), core.clock.now()
        hall = _locked(session, core, office, now)
        one = next((one for one in hall if one.number == number and one.waits), None)
        if one is None:
            raise NotFoundError
        if one.reference:
            refuse_own_request(session, officer_id, session.get_one(Appointment, one.id).request_id)
        else:
            refuse_own_number(session, officer_id, session.get_one(WalkIn, one.id).person_hash)
        if one.priority == first:
            return  # pressed again: nothing changes, and nothing counts
        if not _still(session, one, priority=first):
            raise NotFoundError
        _record(session, core, officer_id, "put_first" if first else "not_first", office, None)


def _locked(session: Session, core: Core, office: Office, now: datetime) -> list[InHall]:
    day = local_day(office, now)
    lock_hall(session, office, day)
    return list(read_hall(session, office, day, late=core.pack.country.counter.late))


def _free(hall: list[InHall], counter: int) -> None:
    there = next((one for one in hall if one.counter == counter and one.called_at), None)
    if there is not None:
        raise CounterBusyError(there.number or 0)


def _called(hall: list[InHall], number: int) -> InHall:
    found = next((one for one in hall if one.number == number and one.called_at), None)
    if found is None:
        raise NobodyAtCounterError
    return found


def _call(session: Session, one: InHall, counter: int, now: datetime) -> bool:
    """Call a party; return whether it still waited."""
    state = {} if one.reference else {"state": WalkInState.CALLED}
    return _still(session, one, called_at=now, counter=counter, **state)


def _move(session: Session, one: InHall, **values: Any) -> None:
    """Change a party that was called; raises NobodyAtCounterError where it was served, or is gone, meanwhile."""
    if not _still(session, one, **values):
        raise NobodyAtCounterError


def _still(session: Session, one: InHall, **values: Any) -> bool:
    """Change a party by one statement, where it is in the hall as it was read; return whether it was."""
    table: type[Appointment | WalkIn] = Appointment if one.reference else WalkIn
    here = (AppointmentState.CHECKED_IN,) if one.reference else (WalkInState.WAITING, WalkInState.CALLED)
    done = session.execute(
        update(table)
        .where(table.id == one.id, table.state.in_(here), table.called_at.is_not_distinct_from(one.called_at))
        .values(**values)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def _number_now(session: Session, office: Office, one: InHall, now: datetime) -> int:
    """Give a number to whom a process of the version before checked in."""
    number = next_number(session, office, local_day(office, now))
    session.execute(
        update(Appointment)
        .where(Appointment.id == one.id)
        .values(hall_number=func.coalesce(Appointment.hall_number, number))
    )
    return number


def _record(
    session: Session, core: Core, officer_id: UUID, what: str, office: Office, one: InHall | None, **details: int
) -> None:
    officer = session.get_one(Account, officer_id)
    about = {"day": local_day(office, core.clock.now()).isoformat(), "office": office.code, **details}
    audit.record(session, core, officer, f"hall.{what}", (one and one.reference) or office.code, **about)
