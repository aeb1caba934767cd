"""Put the people of an appointment into the next draw, where the office could not keep it: their turn stays theirs."""

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.models import Appointment
from booking.platform.models.states import RequestState
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.rows import answer_end


def into_next_draw(session: Session, core: Core, appointment: Appointment) -> str:
    """End a locked appointment, whose places are given back already, and ask the same again as one more lost draw.

    It says nothing about its people, so no outcome is kept. They are told. Return the reference of the new request.
    """
    request = appointment.request
    appointment.cancel_without_outcome(core.clock.now())
    answer_end(session, core, request.id, RequestState.WITHDRAWN)
    again = asked_again(session, core, request, displaced=True)
    session.add(again)
    notice = "displaced" if appointment.urgent_request_id is None else "displaced_urgent"
    tell(session, core, request.account_id, notice, reference=again.reference)
    return again.reference
