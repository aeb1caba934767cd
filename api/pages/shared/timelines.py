"""Where something that was asked for stands, as steps: what was, what is, what comes next, and who acts.

Pure functions from a view to steps; `components/timeline.html` draws them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.i18n import N_, Words
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, RequestState
from booking.scheduling.requests.views import RequestView

DONE, NOW, ACT, NEXT, STOPPED = "done", "now", "act", "next", "stopped"

YOU: Final = N_("You act next.")
OFFICER: Final = N_("An officer acts next.")
NOBODY: Final = N_("You do not need to do anything.")

_TITLES: Final[Mapping[str, str]] = {
    "sent": N_("Sent"),
    "check": N_("Checked by us"),
    "draw": N_("Draw"),
    "offer": N_("Appointment offered"),
    "confirm": N_("Confirmed by you"),
    "visit": N_("Visit"),
}
_BY_DRAW: Final = ("sent", "check", "draw", "offer", "confirm", "visit")
_AT_ONCE: Final = ("sent", "check", "confirm", "visit")
_A, _R = AppointmentState, RequestState
_OF_APPOINTMENT: Final[Mapping[AppointmentState, tuple[str, str]]] = {
    _A.OFFERED: ("confirm", ACT),
    _A.CONFIRMED: ("visit", NOW),
    _A.CHECKED_IN: ("visit", NOW),
    _A.SERVED: ("visit", DONE),
    _A.UNSERVED: ("visit", STOPPED),
    _A.NO_SHOW: ("visit", STOPPED),
    _A.CANCELLED: ("visit", STOPPED),
    _A.LAPSED: ("confirm", STOPPED),
}
_OF_REQUEST: Final[Mapping[RequestState, tuple[str, str]]] = {
    _R.CHALLENGED: ("check", ACT),
    _R.UNDER_REVIEW: ("check", NOW),
    _R.REFUSED: ("check", STOPPED),
    _R.ACCEPTED: ("draw", NOW),
    _R.CARRIED_OVER: ("draw", NOW),
    _R.HELD: ("confirm", ACT),
}
_WHY_STOPPED: Final[Mapping[str, str]] = {
    _R.REFUSED: N_("It was not accepted. The reasons are on this page."),
    _R.WITHDRAWN: N_("You withdrew it."),
    _R.LAPSED: N_("It ended without an appointment."),
    _A.LAPSED: N_("It was not confirmed in time."),
    _A.CANCELLED: N_("It was cancelled."),
    _A.NO_SHOW: N_("You did not come."),
    _A.UNSERVED: N_("You came and were not served. That is never counted against you."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``state`` as in `components/timeline.html`, the rest in the reader's words."""

    title: str
    state: str = NEXT
    when: str = ""
    who: str = ""
    words: str = ""


def in_order(titles: Sequence[str], at: int, now: Step) -> list[Step]:
    """Return steps of which those before ``at`` are done and ``now`` is there; what comes after a stop is left out."""
    before = [Step(title, DONE) for title in titles[:at]]
    after = [] if now.state == STOPPED else [Step(title) for title in titles[at + 1 :]]
    return [*before, now, *after]


def request_steps(view: RequestView, words: Words, zone: str, *, lacks: bool = False) -> list[Step]:
    """Return the steps of a request; ``lacks``: something must be there first, or it takes part in no draw."""
    keys = _AT_ONCE if view.appointment is not None and view.appointment.at_once else _BY_DRAW
    key, state = _position(view)
    if lacks and key == "draw" and state == NOW:
        state = ACT
    titles = [words.gettext(_TITLES[one]) for one in keys]
    now = _now(view, words, zone, key=key, state=state)
    steps = in_order(titles, keys.index(key), now)
    steps[0] = replace(steps[0], when=words.instant(view.created_at, zone))
    if view.appointment is not None and view.appointment.state in LIVE_APPOINTMENT_STATES:
        steps[-1] = replace(steps[-1], when=_visit(view, words), words=words.pick(*_office(view)))
    return steps


def _position(view: RequestView) -> tuple[str, str]:
    """Return at which step a request is, and how that step stands."""
    if view.state in _OF_REQUEST:
        return _OF_REQUEST[view.state]
    if view.appointment is not None:
        return _OF_APPOINTMENT[view.appointment.state]
    return ("check", NOW) if view.state is RequestState.SUBMITTED else ("draw", STOPPED)


def _now(view: RequestView, words: Words, zone: str, *, key: str, state: str) -> Step:
    title, say = words.gettext(_TITLES[key]), words.gettext
    if state == STOPPED:
        ended = view.appointment.state if view.appointment and view.state not in _OF_REQUEST else view.state
        return Step(title, STOPPED, words=say(_WHY_STOPPED[ended]))
    if key == "check" and state == ACT:
        return Step(
            title, ACT, who=say(YOU), words=say(N_("Do the short check on this page. Then your request goes on."))
        )
    if key == "check":
        answer_by = view.appeal_answer_by if view.appeal == "open" else None
        when = words.say(N_("Answer by %(day)s"), {"day": words.day(answer_by)}) if answer_by else ""
        return Step(
            title, NOW, when=when, who=say(OFFICER), words=say(N_("Your turn is kept. You do not need to do anything."))
        )
    if key == "draw":
        return _draw(view, words, zone, state)
    if key == "confirm" and view.appointment is not None:
        until = words.instant(view.appointment.confirm_by, view.appointment.office.time_zone)
        return Step(
            title,
            ACT,
            when=words.say(N_("Until %(time)s"), {"time": until}),
            who=say(YOU),
            words=say(N_("Confirm that you will come. After that time the appointment goes to someone else.")),
        )
    return Step(title, state)


def _draw(view: RequestView, words: Words, zone: str, state: str) -> Step:
    title, say = words.gettext(_TITLES["draw"]), words.gettext
    if state == ACT:
        return Step(
            title,
            ACT,
            who=say(YOU),
            words=say(N_("Something is still missing. Until it is there you take part in no draw.")),
        )
    if view.frozen:
        return Step(title, NOW, words=say(N_("The draw is being decided now. We send you a message with the result.")))
    if view.next_draw is None:
        return Step(
            title,
            NOW,
            who=say(NOBODY),
            words=say(N_("The next draw is not announced yet. Your request will be in it.")),
        )
    closes = words.instant(view.next_draw.closes_at, zone)
    return Step(
        title,
        NOW,
        when=words.say(N_("The draw takes requests until %(time)s"), {"time": closes}),
        who=say(NOBODY),
        words=say(N_("We send you a message with the result.")),
    )


def _visit(view: RequestView, words: Words) -> str:
    if view.appointment is None:
        return ""
    return words.instant(view.appointment.starts_at, view.appointment.office.time_zone)


def _office(view: RequestView) -> tuple[str, str]:
    office = view.appointment.office if view.appointment else None
    return (office.name_ar, office.name_en) if office else ("", "")
