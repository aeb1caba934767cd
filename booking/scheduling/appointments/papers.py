"""What a person takes along: the signed pass and the calendar file of a confirmed appointment."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.people.calendars.writing import Written, own_entry, read, rows
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, Request
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments import passes

HAS_PAPERS: Final = frozenset({AppointmentState.CONFIRMED, AppointmentState.CHECKED_IN})


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass: ``text`` is what the QR code says, ``svg`` its image."""

    reference: str
    text: str
    svg: str


def appointment_pass(core: Core, account_id: UUID, reference: str) -> Pass:
    """Return the pass of a confirmed appointment; raises NotFoundError, before it is confirmed too."""
    appointment = _confirmed(core, account_id, reference)
    content = passes.PassContent(
        reference=appointment.reference,
        office_id=appointment.office_id,
        starts_at=appointment.starts_at,
        party_size=appointment.request.party_size,
    )
    text = passes.sign(content, core.vault.signing_key())
    return Pass(reference, text, passes.qr_svg(text))


def appointment_calendar(core: Core, account_id: UUID, reference: str, *, language: str) -> bytes:
    """Return the calendar file of a confirmed appointment; raises NotFoundError, before it is confirmed too."""
    confirmed = Appointment.reference == reference, Appointment.state.in_(HAS_PAPERS)
    with core.sessions() as session:
        found = read(session.execute(rows().where(*confirmed, Request.account_id == account_id)))
    if not found:
        raise NotFoundError
    entry = own_entry(found[0], core.languages.of(language), base_url=core.settings.base_url)
    return Written("", [entry]).text()


def _confirmed(core: Core, account_id: UUID, reference: str) -> Appointment:
    with core.sessions() as session:
        appointment = session.scalar(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(
                Appointment.reference == reference,
                Appointment.state.in_(HAS_PAPERS),
                Request.account_id == account_id,
            )
        )
        if appointment is None:
            raise NotFoundError
        _ = appointment.request  # read here, while the session is open
        return appointment
