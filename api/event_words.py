"""When each event happens that other systems are told of, in words for their people and for administrators."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_

EVENTS: Final[Mapping[str, str]] = {
    "request.accepted": N_("It takes part in the next draw."),
    "request.refused": N_("It was refused; its owner may appeal."),
    "request.carried_over": N_("A draw had no place for it; it is in the next one with more priority."),
    "request.drawn": N_("It has an appointment."),
    "request.completed": N_("Its people were served."),
    "request.withdrawn": N_("Its owner took it back."),
    "request.lapsed": N_("It ended because nobody acted in time."),
    "appointment.offered": N_("A place is kept until its owner confirms it."),
    "appointment.confirmed": N_("Its owner will come."),
    "appointment.moved": N_("It is at another time or office."),
    "appointment.checked_in": N_("Its people are at the office."),
    "appointment.served": N_("Its people were served."),
    "appointment.unserved": N_("Its people came, and the office did not serve them."),
    "appointment.no_show": N_("Nobody came."),
    "appointment.lapsed": N_("Nobody confirmed it in time."),
    "appointment.cancelled": N_("It was cancelled, by its owner or by the office."),
    "online.awaiting_payment": N_("It is sent, and its fee is not paid yet."),
    "online.awaiting_papers": N_("Its original papers are on their way."),
    "online.submitted": N_("It waits for an officer of the agency."),
    "online.needs_more": N_("The agency asked its owner for more."),
    "online.approved": N_("It is approved, and its result is not issued yet."),
    "online.issued": N_("Its result is issued."),
    "online.refused": N_("It was refused."),
    "online.revoked": N_("Its result was revoked."),
    "online.expired": N_("Its result is no longer valid."),
    "online.withdrawn": N_("Its owner took it back."),
    "online.lapsed": N_("It ended because nobody acted in time."),
    "draw.announced": N_("It is announced, and its seed committed to."),
    "draw.open": N_("Requests can join it."),
    "draw.closed": N_("No more requests can join it."),
    "draw.drawn": N_("It has a result."),
    "draw.published": N_("Its files are public."),
    "draw.abandoned": N_("It was given up before it had a result."),
    "webhook.test": N_("Somebody wants to see whether the system answers."),
}

SUBJECTS: Final[Mapping[str, str]] = {
    "request": N_("Requests"),
    "appointment": N_("Appointments"),
    "online": N_("Online requests"),
    "draw": N_("Draws"),
}
"""What events are about, by the first word of their kind."""
