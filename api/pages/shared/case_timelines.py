"""The steps of urgent cases, of services asked for online, and of original papers by post."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_, Words
from api.pages.shared.timelines import ACT, DONE, NOBODY, NOW, OFFICER, STOPPED, YOU, Step, in_order
from booking.eservices.online.views import CaseView
from booking.platform.models import CaseOriginals
from booking.platform.models.online.case import OnlineState, OriginalsState, PaperWay
from booking.platform.models.states import UrgentState
from booking.scheduling.urgent.views import OwnCase

_URGENT: Final = (N_("Sent"), N_("Read by an officer"), N_("Decision"), N_("Visit"))
_U, _S, _O = UrgentState, OnlineState, OriginalsState
_OF_URGENT: Final[Mapping[UrgentState, tuple[int, str, str, str]]] = {
    _U.DRAFT: (0, ACT, YOU, N_("Add your papers and send it.")),
    _U.SUBMITTED: (1, NOW, OFFICER, N_("Officers take the requests whose day is nearest first.")),
    _U.ASSIGNED: (1, NOW, OFFICER, N_("An officer reads it now.")),
    _U.NEEDS_EVIDENCE: (1, ACT, YOU, N_("The officer asks for another paper.")),
    _U.NEEDS_SECOND: (2, NOW, OFFICER, N_("A second officer must agree.")),
    _U.APPROVED: (3, NOW, "", N_("Bring the papers themselves, not only the pictures.")),
    _U.DENIED: (2, STOPPED, "", N_("It was refused. Your request stays in the draw.")),
    _U.REVOKED: (3, STOPPED, "", N_("The approval was revoked.")),
    _U.WITHDRAWN: (2, STOPPED, "", N_("You withdrew it. Your request stays in the draw.")),
    _U.LAPSED: (2, STOPPED, "", N_("The day is over.")),
}
_OF_CASE: Final[Mapping[OnlineState, tuple[str, str, str, str]]] = {
    _S.DRAFT: ("sent", ACT, YOU, N_("Answer the questions and send it.")),
    _S.AWAITING_PAYMENT: ("pay", ACT, YOU, N_("It goes to the agency once the fee is paid.")),
    _S.AWAITING_PAPERS: ("post", ACT, YOU, N_("Send the original papers by post.")),
    _S.SUBMITTED: ("read", NOW, OFFICER, N_("We send you a message with the answer.")),
    _S.ASSIGNED: ("read", NOW, OFFICER, N_("We send you a message with the answer.")),
    _S.APPROVED: ("issue", NOW, OFFICER, N_("It is approved and will be issued.")),
    _S.NEEDS_MORE: ("read", ACT, YOU, N_("The officer asks for something more.")),
    _S.ISSUED: ("issue", DONE, "", ""),
    _S.EXPIRED: ("issue", DONE, "", N_("It is no longer valid.")),
    _S.REFUSED: ("read", STOPPED, "", N_("It was refused. The reason is on this page.")),
    _S.REVOKED: ("issue", STOPPED, "", N_("It was revoked. The reason is on this page.")),
    _S.WITHDRAWN: ("read", STOPPED, "", N_("You withdrew it.")),
    _S.LAPSED: ("sent", STOPPED, "", N_("It was not completed in time.")),
}
_CASE: Final[Mapping[str, str]] = {
    "sent": N_("Sent"),
    "pay": N_("Fee paid"),
    "post": N_("Original papers"),
    "read": N_("Read by an officer"),
    "issue": N_("Issued"),
}
_POST: Final = (N_("Sent by you"), N_("At the consulate"), N_("Sent back to you"))


def urgent_steps(own: OwnCase, words: Words, zone: str) -> list[Step]:
    """Return the steps of a person's urgent request."""
    at, state, who, what = _OF_URGENT[own.case.state]
    titles = [words.gettext(title) for title in _URGENT]
    steps = in_order(titles, at, _step(words, titles[at], state, who, what))
    return _since(steps, words.instant(own.case.submitted_at, zone) if own.case.submitted_at else "")


def case_steps(view: CaseView, words: Words, zone: str) -> list[Step]:
    """Return the steps of a service asked for online; fee and papers only where it has them."""
    key, state, who, what = _OF_CASE[view.case.state]
    by_post = view.originals is not None and view.originals.way is PaperWay.POST
    has = {"pay": view.payment is not None or key == "pay", "post": by_post or key == "post"}
    keys = [one for one in _CASE if has.get(one, True)]
    titles = [words.gettext(_CASE[one]) for one in keys]
    at = keys.index(key)
    when = ""
    if view.case.due_on is not None and key == "read" and state == NOW:
        when = words.say(N_("Answer by %(day)s"), {"day": words.day(view.case.due_on)})
    if view.originals is not None and key == "post":
        when = _last_day(view.originals, words)
    steps = in_order(titles, at, _step(words, titles[at], state, who, what, when))
    return _since(steps, words.instant(view.case.submitted_at, zone) if view.case.submitted_at else "")


def post_steps(view: CaseView, words: Words) -> list[Step]:
    """Return the way of original papers by post; nothing where none are on it."""
    originals = view.originals
    if originals is None or originals.way is not PaperWay.POST or view.case.state is OnlineState.DRAFT:
        return []
    zone = originals.office.time_zone
    sent, there, back = (words.gettext(title) for title in _POST)
    arrived = words.instant(originals.arrived_at, zone) if originals.arrived_at else ""
    returned = words.instant(originals.sent_back_at, zone) if originals.sent_back_at else ""
    if originals.state is OriginalsState.SENT_BACK:
        return [Step(sent, DONE), Step(there, DONE, arrived), Step(back, DONE, returned)]
    if originals.state is OriginalsState.ARRIVED:
        now = _step(words, there, NOW, NOBODY, N_("The consulate keeps them until your request is decided."), arrived)
        return [Step(sent, DONE), now, Step(back)]
    if originals.state is OriginalsState.GIVEN_UP:
        return [_step(words, sent, STOPPED, "", N_("They did not arrive in time."))]
    until = _last_day(originals, words)
    return [_step(words, sent, ACT, YOU, N_("Put the printed cover sheet on top."), until), Step(there), Step(back)]


def _last_day(originals: CaseOriginals, words: Words) -> str:
    if originals.last_day is None:
        return ""
    return words.say(N_("They must arrive by %(day)s"), {"day": words.day(originals.last_day)})


def _step(words: Words, title: str, state: str, who: str, what: str, when: str = "") -> Step:
    """Return a step in the reader's words; an empty text stays empty (gettext gives the catalogue's header for it)."""
    say = words.gettext
    return Step(title, state, when, say(who) if who else "", say(what) if what else "")


def _since(steps: list[Step], sent_at: str) -> list[Step]:
    first = steps[0]
    return [Step(first.title, first.state, sent_at, first.who, first.words), *steps[1:]] if sent_at else steps
