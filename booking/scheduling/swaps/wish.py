"""Wish for another appointment, and take the wish back; the present one stays until something better is found."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import raise_all
from booking.platform.models import Appointment, Office, SwapWish
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.requests.rows import locked_appointment
from booking.scheduling.swaps.choices import MOST_CHOICES, MOST_DAYS, NOTICE, Choice
from booking.scheduling.swaps.errors import NightRunningError, NotExchangedError
from booking.scheduling.swaps.rows import end_wishes

EXCHANGED: Final = frozenset({Pool.DRAW, Pool.ACCESSIBLE})
"""The pools whose places are exchanged."""


def wish(core: Core, *, account_id: UUID, reference: str, choices: Sequence[Choice]) -> None:
    """Wish for one of some other appointments, best first; a wish before this one is replaced.

    The appointment stays as it is. Each night looks for something of the wish, until it is found, is taken back, or
    the appointment is near.

    Raises
    ------
    NotFoundError
        The account has no such appointment.
    NotExchangedError
        The appointment is not confirmed, urgent, was booked at once, or begins within two days.
    NightRunningError
        A night counts on the wish as it was.
    InvalidInputError
        There is no choice or there are too many; an office is not one of the person's door, closed, or not accessible
        where that is needed; or days are over, in the wrong order, or more than a month.
    """
    with core.sessions.begin() as session:
        appointment = _locked(session, account_id, reference)
        if not may_exchange(core, appointment):
            raise NotExchangedError
        _check(session, core, appointment, choices)
        found = _unbound(session, appointment)
        row = found or SwapWish(appointment_id=appointment.id)
        row.choices, row.made_at = [one.stored() for one in choices], core.clock.now()
        session.add(row)


def take_back(core: Core, *, account_id: UUID, reference: str) -> None:
    """Take a wish back; where there is none nothing happens.

    Raises
    ------
    NotFoundError
        The account has no such appointment.
    NightRunningError
        A night counts on it.
    """
    with core.sessions.begin() as session:
        appointment = _locked(session, account_id, reference)
        if _unbound(session, appointment) is not None:
            end_wishes(session, core, SwapWish.appointment_id == appointment.id)


def may_exchange(core: Core, appointment: Appointment) -> bool:
    """Return whether an appointment can take part: confirmed, by a draw, not urgent, and early enough."""
    return (
        appointment.state is AppointmentState.CONFIRMED
        and appointment.urgent_request_id is None
        and appointment.request.state is RequestState.DRAWN
        and appointment.starts_at - core.clock.now() >= NOTICE
        and {claim.pool for claim in appointment.places} <= EXCHANGED
    )


def _locked(session: Session, account_id: UUID, reference: str) -> Appointment:
    """Return an appointment, locked so that a night that closes can write of it: it may hold the wish already."""
    return locked_appointment(session, reference, account_id=account_id, key_share=True)


def _unbound(session: Session, appointment: Appointment) -> SwapWish | None:
    """Return the wish of a locked appointment, locked; raises NightRunningError where a night counts on it."""
    row = session.scalar(select(SwapWish).where(SwapWish.appointment_id == appointment.id).with_for_update())
    if row is not None and row.night_id is not None:
        raise NightRunningError
    return row


def _check(session: Session, core: Core, appointment: Appointment, choices: Sequence[Choice]) -> None:
    if not 1 <= len(choices) <= MOST_CHOICES:
        raise_all([FieldError("office_1", "no_office" if not choices else "too_many")])
    errors = []
    offices = {
        one.code: one for one in session.scalars(select(Office).where(Office.code.in_({one.office for one in choices})))
    }
    known = {band.code for band in core.pack.country.bands}
    for number, one in enumerate(choices, 1):
        office = offices.get(one.office)
        if office is None or not _serves(appointment, office):
            errors.append(FieldError(f"office_{number}", "unknown_office"))
            continue
        if one.last < one.first:
            errors.append(FieldError(f"last_{number}", "ends_before_it_begins"))
        elif one.last < local_day(office, core.clock.now() + NOTICE):
            errors.append(FieldError(f"last_{number}", "past_day"))
        elif one.last - one.first >= timedelta(days=MOST_DAYS):
            errors.append(FieldError(f"last_{number}", "over_a_month"))
        if not set(one.bands) <= known:
            errors.append(FieldError(f"band_{number}", "unknown_band"))
    raise_all(errors)


def _serves(appointment: Appointment, office: Office) -> bool:
    """Return whether an office can serve the people of an appointment."""
    door = appointment.office.door
    return office.active and office.door is door and (office.accessible or not appointment.request.accessible)
