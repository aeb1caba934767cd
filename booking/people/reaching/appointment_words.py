"""What a notice about an appointment says of it, and until when it is of use: read when it is sent, so it is true."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Session

from booking.people.reaching.moments import moment
from booking.people.reaching.templates import About, templates
from booking.platform.base.arrays import any_of
from booking.platform.languages.speech import Speech
from booking.platform.models import Appointment, Message, Office
from booking.platform.models.base import Json
from booking.platform.models.states import AppointmentState

BEFORE: Final = "before"
"""Under what a notice names the appointment that was there before; its text says when that was."""
_TO_COME = frozenset({AppointmentState.OFFERED, AppointmentState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Particulars:
    """An appointment's time, office and state."""

    starts_at: datetime
    confirm_by: datetime
    state: AppointmentState
    office: Office

    @property
    def useful_until(self) -> datetime:
        """Until when it can be confirmed or, once confirmed, until it begins."""
        return self.confirm_by if self.state is AppointmentState.OFFERED else self.starts_at

    def is_to_come(self, now: datetime) -> bool:
        """Return whether something can still be done about it."""
        return self.state in _TO_COME and now < self.useful_until

    def values(self, speech: Speech) -> Json:
        """Return what fills a template's blanks."""
        zone = self.office.time_zone
        return {
            "when": moment(self.starts_at, zone, speech),
            "confirm_by": moment(self.confirm_by, zone, speech),
            "office": speech.name(self.office),
        }


def appointment_values(values: Mapping[str, Any], particulars: Mapping[str, Particulars], speech: Speech) -> Json:
    """Return what fills the blanks of a notice with these values, as far as appointments say it."""
    about, before = (particulars.get(values.get(name, "")) for name in ("reference", BEFORE))
    filled = about.values(speech) if about else {}
    return filled | ({BEFORE: before.values(speech)["when"]} if before else {})


def read_particulars(session: Session, messages: Collection[Message]) -> Mapping[str, Particulars]:
    """Read the appointments that notices are about, by reference."""
    known = templates()
    references = {
        one.values[name]
        for one in messages
        for name in ("reference", BEFORE)
        if name in one.values and one.kind in known and known[one.kind].about is About.APPOINTMENT
    }
    if not references:
        return {}
    columns = Appointment.reference, Appointment.starts_at, Appointment.confirm_by, Appointment.state
    found = session.execute(
        select(*columns, Appointment.office_id).where(Appointment.reference == any_of(references, String))
    ).all()
    there = any_of({row[4] for row in found}, BigInteger)
    offices = {one.id: one for one in session.scalars(select(Office).where(Office.id == there))}
    return {row[0]: Particulars(row[1], row[2], row[3], offices[row[4]]) for row in found}
