"""Wish for another appointment, and take the wish back; the present one stays until something better is found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError
from booking.platform.base.exact_json import canonical
from booking.platform.base.fields import raise_all
from booking.platform.models import Appointment, Office, SwapWish
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.draws.format2.nonces import night_nonce
from booking.scheduling.requests.receipt import NONCE_BYTES
from booking.scheduling.requests.rows import locked_appointment
from booking.scheduling.swaps.errors import NightRunningError, NotExchangedError
from booking.transparency.log.entries import instant


def end_wishes(session: Session, core: Core, which: ColumnElement[bool]) -> None:
    """Remove wishes: the public log says that they ended now, by the clock that all else in it has its times from."""
    session.execute(select(func.set_config("mawid.ended_at", instant(core.clock.now()), True)))  # noqa: FBT003 - local
    session.execute(delete(SwapWish).where(which))


MOST_CHOICES: Final = 5
MOST_DAYS: Final = 31
"""Of one choice."""
NOTICE: Final = timedelta(hours=48)
"""No appointment that begins sooner than this after a night's closing is exchanged, and none is given."""
LATEST: Final = timedelta(hours=24)
"""However late a night is given out, nobody is moved from or to an appointment that begins sooner than this."""


class Kind(NamedTuple):
    """Places that are alike for whoever wishes for one: of an office, a day, a part of it, and a pool."""

    office: str
    day: date
    band: str
    pool: Pool


@dataclass(frozen=True, slots=True)
class Choice:
    """Any appointment at an office from one day to another; no ``bands`` are all of them. Earlier ones are better."""

    office: str
    first: date
    last: date
    bands: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `stored` wrote."""
        first, last = (date.fromisoformat(stored[name]) for name in ("first", "last"))
        return cls(stored["office"], first, last, tuple(stored["bands"]))

    def stored(self) -> dict[str, Any]:
        """Return it as the database keeps it."""
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return {"office": self.office, "bands": list(self.bands), **days}


def kinds(choices: Sequence[Choice], bands: Sequence[str], pools: Sequence[Pool]) -> Iterator[Kind]:
    """Yield the kinds that choices name, the best first: choice by choice, day by day, the bands in their order."""
    for one in choices:
        for step in range((one.last - one.first).days + 1):
            day = one.first + timedelta(days=step)
            for band in bands:
                if not one.bands or band in one.bands:
                    yield from (Kind(one.office, day, band, pool) for pool in pools)


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


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish with its random ``nonce``, which its owner alone has: choices as `Choice.stored` writes them."""

    choices: Sequence[Mapping[str, Any]]
    nonce: bytes

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Self:
        """Read what `columns` wrote; raises ValueError where it is none."""
        try:
            read = cls([Choice.of(one).stored() for one in columns["choices"]], bytes.fromhex(columns["nonce"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the wish cannot be read: {error!r}") from None
        if read.columns() != columns or len(read.nonce) != NONCE_BYTES or not read.choices:
            raise ValueError("the wish is not written in the canonical way")
        return read

    def columns(self) -> dict[str, Any]:
        """Return it as receipts cover it."""
        return {"choices": list(self.choices), "nonce": self.nonce.hex()}

    def receipt(self) -> bytes:
        """Return the receipt that the public log has, 32 bytes; the database writes the same (`log_swap_wish`)."""
        return sha256(canonical(self.columns())).digest()

    def ended(self) -> bytes:
        """Return what takes the receipt's place in the log once the wish ended: its owner alone knows what it says."""
        return sha256(canonical({"ended": self.nonce.hex()})).digest()

    def in_night(self, reference: str) -> bytes:
        """Return the receipt in the file of a night, which nobody else can link to the one in the log."""
        columns = {**self.columns(), "nonce": night_nonce(self.nonce, reference).hex()}
        return sha256(canonical(columns)).digest()
