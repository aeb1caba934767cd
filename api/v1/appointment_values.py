"""An appointment as programs see it; requests show theirs in the same form."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from api.v1.calls.values import Bilingual, Out, bilingual
from api.v1.offices import OfficeLine, office_line
from booking.platform.models import Service
from booking.platform.models.states import AppointmentState
from booking.scheduling.requests.views import AppointmentView


class ServiceNamed(Out):
    """A service with its names."""

    code: str
    name: Bilingual


def services_out(services: Sequence[Service]) -> list[ServiceNamed]:
    """Write the services out that an appointment is for."""
    return [ServiceNamed(code=one.code, name=bilingual(one)) for one in services]


class AppointmentOut(Out):
    """An appointment; instants are in UTC, to be shown in the office's time zone.

    ``held`` marks a place that waits for its confirmation, ``needs_check`` one whose request waits for a check before
    that; an offer and a hold lapse at ``confirm_by``.
    """

    reference: str
    request: str
    state: AppointmentState
    held: bool
    needs_check: bool
    service: str
    service_name: Bilingual
    services: list[ServiceNamed] = Field(description="All that it is for; the first is `service`.")
    office: OfficeLine
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime
    people: list[str]


def appointment_out(view: AppointmentView) -> AppointmentOut:
    """Write an appointment out."""
    return AppointmentOut(
        reference=view.reference,
        request=view.request_reference,
        state=view.state,
        held=view.held,
        needs_check=view.needs_check,
        service=view.service.code,
        service_name=bilingual(view.service),
        services=services_out(view.services),
        office=office_line(view.office),
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        confirm_by=view.confirm_by,
        people=list(view.people),
    )
