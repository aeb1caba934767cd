"""Nights of the exchange for tests: wishes of holders, a night from its announcement to its end, and what it gave."""

from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import event, select

from booking.platform.models import SwapEntry, SwapWish
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.nights import announce, close
from booking.scheduling.swaps.wish import Choice, wish
from tests.booking.desk.counter.closed_days import found


class KilledError(BaseException):
    """The process is gone: nothing handles it, and the connection breaks."""


@contextmanager
def killed_at(world, number):
    """Let a process die in so many-th transaction that writes what became of somebody, before its commit."""
    engine, seen = world.core.sessions.kw["bind"], []

    def look(_connection, _cursor, statement, *_):
        if statement.lstrip().startswith("UPDATE swap_entry"):
            seen.append(statement)
            if len(seen) == number:
                raise KilledError

    event.listen(engine, "after_cursor_execute", look)
    yield
    event.remove(engine, "after_cursor_execute", look)


def any_time(office, day, last=None, bands=()):
    return Choice(office, day, last or day, tuple(bands))


def wishes(world, reference, *choices):
    """The holder of an appointment wishes for others."""
    wish(world.core, account_id=found(world, reference).request.account_id, reference=reference, choices=choices)


def announced(world, reference="x-1"):
    announce(world.core, reference=reference, closes_at=world.clock.now() + timedelta(hours=1))
    world.clock.advance(timedelta(hours=1))
    return reference


def closed(world, reference="x-1"):
    close(world.core, announced(world, reference))
    return reference


def a_night(world, reference="x-1"):
    """Announce, close and decide a night."""
    return decide(world.core, closed(world, reference))


def outcomes(world, reference_of_appointment):
    """What each night brought to an appointment."""
    with world.session() as session:
        entries = session.scalars(
            select(SwapEntry).where(SwapEntry.appointment_id == found(world, reference_of_appointment).id)
        )
        return [entry.outcome for entry in entries]


def waiting(world):
    """The appointments that still wish for another."""
    with world.session() as session:
        return set(session.scalars(select(SwapWish.appointment_id)))


def day_of(world, reference) -> date:
    return found(world, reference).starts_at.date()
