"""The ways of staff through their pages: one table, from which the side navigation and the search by name are made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from api.deps import core_of
from api.errors import NotSignedInError
from api.i18n import N_, Words
from booking.country.core.four_eyes import Permission, allows
from booking.country.core.session_data import SessionData
from booking.country.packs.fields import Words as PackWords
from booking.desk.inbox.views import Inbox, Work, look_into
from booking.platform.models.offices.office import OfficeKind


@dataclass(frozen=True, slots=True)
class Way:
    """A page: its address, its words, who may open it, and which work waits there."""

    path: str
    words: str
    permission: Permission | None
    work: Work | None = None
    abroad: bool = False


_P: Final = Permission
GROUPS: Final[tuple[tuple[str, tuple[Way, ...]], ...]] = (
    (
        N_("To decide"),
        (
            Way("/desk", N_("Requests to decide"), _P.USE_DESK, Work.REVIEWS),
            Way("/desk/appeals", N_("Appeals"), _P.USE_DESK, Work.APPEALS),
            Way("/desk#people", N_("Known twice"), _P.DECIDE_REVIEWS, Work.PEOPLE),
            Way("/desk/urgent", N_("Urgent cases"), _P.DECIDE_URGENT, Work.URGENT),
            Way("/desk/urgent?show=second", N_("Second approvals"), _P.APPROVE_SECOND, Work.SECOND),
            Way("/desk/online", N_("Online requests"), _P.HANDLE_ONLINE, Work.ONLINE),
            Way("/desk/post", N_("Papers by post"), _P.HANDLE_POST, Work.POST, abroad=True),
            Way("/desk/watch", N_("Watch urgent approvals"), _P.WATCH_APPROVALS, Work.QUESTIONS),
        ),
    ),
    (
        N_("Counter"),
        (
            Way("/desk/today", N_("Today at my office"), _P.SERVE_COUNTER),
            Way("/desk/hall", N_("The hall"), _P.SERVE_COUNTER),
            Way("/desk/walk-ins", N_("Without an appointment"), _P.SERVE_COUNTER),
            Way("/desk/ask", N_("Ask for a person without a phone"), _P.SERVE_COUNTER),
            Way("/desk/identity", N_("Who acts for a person"), _P.SERVE_COUNTER),
            Way("/desk/messages", N_("Messages about a request"), _P.USE_DESK),
            Way("/desk/calendar", N_("The office in my calendar"), _P.SERVE_COUNTER),
            Way("/desk/shifts", N_("My shifts"), _P.SERVE_COUNTER),
            Way("/desk/roster", N_("Roster"), _P.PLAN_ROSTER),
            Way("/desk/closing", N_("Close the office for a day"), _P.CLOSE_OFFICE),
            Way("/desk/helpers", N_("Registered helpers"), _P.MANAGE_HELPERS),
        ),
    ),
    (
        N_("Analysis"),
        (
            Way("/analyst", N_("At present"), _P.CHANGE_POLICIES),
            Way("/analyst/figures", N_("Figures"), _P.CHANGE_POLICIES),
            Way("/analyst/forecast", N_("Forecast"), _P.CHANGE_POLICIES),
            Way("/analyst/quotas", N_("Quotas"), _P.CHANGE_POLICIES, Work.QUOTAS),
            Way("/analyst/rules", N_("Rules"), _P.CHANGE_POLICIES, Work.RULES),
            Way("/analyst/models", N_("Models"), _P.CHANGE_POLICIES, Work.MODELS),
        ),
    ),
    (
        N_("Administration"),
        (
            Way("/admin", N_("Health"), _P.MANAGE_STAFF),
            Way("/admin/staff", N_("Colleagues"), _P.MANAGE_STAFF, Work.STAFF),
            Way("/admin/observers", N_("Observers of draws"), _P.MANAGE_STAFF, Work.OBSERVERS),
            Way("/admin/webhooks", N_("Events for other systems"), _P.MANAGE_WEBHOOKS, Work.WEBHOOKS),
            Way("/admin/beacon", N_("Bring a random number"), _P.MANAGE_STAFF),
            Way("/admin/audit", N_("Search the audit log"), _P.READ_AUDIT),
            Way("/admin/re-identify", N_("Whose case is it?"), _P.REIDENTIFY),
        ),
    ),
    (
        N_("Helping people"),
        (
            Way("/helper", N_("People I help"), _P.HELP_PEOPLE),
            Way("/helper/people/new", N_("Help a person"), _P.HELP_PEOPLE),
            Way("/helper/new-paper", N_("Consent on paper"), _P.HELP_PEOPLE),
        ),
    ),
    (
        N_("My own"),
        (
            Way("/desk/watch/me", N_("My own figures"), _P.DECIDE_URGENT),
            Way("/desk/handover", N_("Hand over urgent cases"), _P.DECIDE_URGENT),
            Way("/me/security", N_("Sign-in and devices"), None),
            Way("/sign-out", N_("Sign out"), None),
        ),
    ),
)
"""In the order of the navigation. Whoever may not open a page is not led there; the page itself asks again."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way as somebody sees it; ``waiting`` is None where no work waits at that page, whatever the day."""

    path: str
    words: str
    current: bool
    work: str
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands round every page of staff: who they are, where they work, and their ways by group."""

    inbox: Inbox
    agency: PackWords | None
    groups: tuple[tuple[str, tuple[Link, ...]], ...]


def ways_of(session: SessionData, *, abroad: bool = True) -> Iterator[tuple[str, Way]]:
    """Yield the ways that a session's roles have, each with the words of its group."""
    for title, ways in GROUPS:
        for way in ways:
            may = way.permission is None or allows(session.roles, session.office_id, way.permission)
            if may and (abroad or not way.abroad):
                yield title, way


def named(request: Request, session: SessionData, text: str) -> list[Way]:
    """Return the way that a text names, else those whose words hold it, in whatever language somebody types."""
    every: Mapping[str, Words] = request.app.state.words
    known = [(way, [words.gettext(way.words).casefold() for words in every.values()]) for _, way in ways_of(session)]
    exact = [way for way, names in known if text in names]
    return exact or [way for way, names in known if any(text in name for name in names)]


def make_shell(request: Request, words: Words, session: SessionData | None) -> Shell:
    """Return what stands round a page for whoever is signed in; raises NotSignedInError."""
    core = core_of(request)
    if session is None or session.account_id is None:
        raise NotSignedInError
    inbox = look_into(core, account_id=session.account_id)
    ways = list(ways_of(session, abroad=inbox.office is not None and inbox.office.kind is OfficeKind.CONSULATE))
    here = _current(request, [way.path for _, way in ways])
    groups: dict[str, list[Link]] = {}
    for title, way in ways:
        waiting = inbox.waiting.get(way.work) if way.work else None
        link = Link(way.path, words.gettext(way.words), way.path == here, way.work or "", waiting)
        groups.setdefault(words.gettext(title), []).append(link)
    agency = next((one.name for one in core.pack.agencies if one.code == inbox.agency), None)
    return Shell(inbox, agency, tuple((title, tuple(links)) for title, links in groups.items()))


def _current(request: Request, paths: Sequence[str]) -> str:
    """Return the way to the page that is shown, or to the one that it belongs to; "" where none leads there."""
    path, query = request.url.path, request.url.query
    if f"{path}?{query}" in paths:
        return f"{path}?{query}"
    return max((one for one in paths if path == one or path.startswith(f"{one}/")), key=len, default="")


STAFF_DEEDS: Final[Mapping[str, str]] = {
    "review-accept": N_("The request is accepted. We tell its owner."),
    "review-refuse": N_("The request is refused. We tell its owner."),
    "review-bad-paper": N_("The paper is not accepted. We tell its owner."),
    "review-challenge": N_("A check is asked for. We tell its owner."),
    "case-answered": N_("Your answer is on record."),
    "hands-claim": N_("The case is in your hands."),
    "hands-release": N_("The case is back in the queue."),
    "hands-approve": N_("Approved, and on record."),
    "hands-deny": N_("The case is refused. We tell its owner."),
    "hands-refuse": N_("The case is refused. We tell its owner."),
    "hands-ask": N_("More is asked for. We tell its owner."),
    "hands-refer": N_("The case is referred."),
    "hands-second": N_("The second approval is on record, and the appointment is given."),
    "hands-disagree": N_("You disagreed: the case goes back to be decided."),
    "hands-revoke": N_("Revoked. We tell its owner."),
    "hands-undo": N_("Your last decision is undone."),
    "hands-issue": N_("It is issued. We tell its owner."),
    "post-arrived": N_("The papers are registered as arrived. We tell their owner."),
    "post-sent-back": N_("The papers are registered as sent back. We tell their owner."),
    "visit-served": N_("Marked as served."),
    "visit-unserved": N_("Marked as not served. They are in the next draw with priority, and we tell them."),
    "visit-missed": N_("Marked as not come."),
    "visit-undo": N_("The check-in is undone: they are expected again."),
    "visit-came": N_("Corrected: they came and were served."),
    "visit-did-not-come": N_("Corrected: nobody came."),
    "closing-apply": N_("The day is closed. We tell everyone affected."),
    "roster-published": N_("The roster is published. Everyone sees their shifts."),
    "roster-dropped": N_("The roster is given up. Nothing changed."),
    "roster-repaired": N_("The shifts of today are changed."),
    "colleague-kept": N_("Kept."),
    "closing-drop": N_("The plan is given up. Nothing changed."),
    "staff-changed": N_("Done. Their open pages end at the next click."),
    "staff-refused": N_("The proposal is refused."),
    "helper-changed": N_("The helper's registration is changed."),
    "observer-changed": N_("Done, and on record."),
    "webhook-changed": N_("Done, and on record."),
    "webhook-tested": N_("A test event is on its way. Its answer is in the list within two minutes."),
    "webhook-again": N_("They are tried again within a minute."),
    "webhook-replayed": N_("The events of these days are sent again, the oldest first."),
}
