"""The tour of a demonstration: its stops, and at which one a visitor is, so that every page can show the way on.

A cookie carries the number of the stop, and nothing else: it opens nothing. Who enters is decided where the way on
leads.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.deps import cookie_name, is_https
from api.i18n import N_, Words
from booking.platform.base.settings import Settings

TOUR_COOKIE: Final = "tour"
_SECONDS: Final = 3600
_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Stop:
    """A page to open: as whom (empty: as whoever is there), its name, and what to look at."""

    username: str
    path: str
    title: str
    look: str


@dataclass(frozen=True, slots=True)
class Touring:
    """The stop where a visitor is, counted from one, and the title of the next one; empty at the last."""

    number: int
    all: int
    title: str
    look: str
    after: str


STOPS: Final = (
    Stop(
        "",
        "/",
        N_("The start page"),
        N_("The tasks come first, then the services and the day of the next draw. It works without JavaScript."),
    ),
    Stop(
        "citizen",
        "/me",
        N_("A citizen whom the draw served"),
        N_("Open the request: each step has its day, and the appointment waits to be confirmed."),
    ),
    Stop(
        "expatriate",
        "/abroad",
        N_("Asking from abroad"),
        N_("Consulates are shown with their own local time. Being fast gains nothing: a draw decides."),
    ),
    Stop(
        "",
        "/draws/day-1",
        N_("A draw that anyone can check"),
        N_("Read how many asked and how many were served, then follow a link to check the result yourself."),
    ),
    Stop(
        "officer",
        "/desk/urgent",
        N_("Urgent requests"),
        N_("Open one: the paper stands beside the decision. The last one waits for a second person."),
    ),
    Stop(
        "officer",
        "/desk/today",
        N_("The counter today"),
        N_("People are checked in by their pass. Two have been served, and others wait."),
    ),
    Stop(
        "analyst",
        "/analyst/figures",
        N_("What analysts see"),
        N_("Above each chart stands what it shows. Compare the requests refused with those that brokers sent."),
    ),
    Stop(
        "analyst",
        "/analyst/forecast",
        N_("What the coming weeks may bring"),
        N_("The weeks behind and those ahead, and how far off the forecast was before. Nothing follows it by itself."),
    ),
    Stop(
        "analyst",
        "/analyst/rules",
        N_("Rules that two people change"),
        N_("A rule is text. One analyst proposes it with a trial on past requests, and another one activates it."),
    ),
    Stop(
        "administrator",
        "/admin",
        N_("How the whole runs"),
        N_("Parts that work, and the log of all that staff did: no entry can be changed unseen."),
    ),
)


def read_tour(request: Request, settings: Settings, words: Words) -> Touring | None:
    """Return the stop where a visitor is; None for who takes no tour, and everywhere but in a demonstration."""
    kept = request.cookies.get(cookie_name(settings, TOUR_COOKIE), "") if settings.show_outbox else ""
    number = int(kept) if kept.isascii() and kept.isdecimal() and len(kept) <= _DIGITS else 0
    if not 0 < number <= len(STOPS):
        return None
    stop, after = STOPS[number - 1], STOPS[number].title if number < len(STOPS) else ""
    return Touring(
        number, len(STOPS), words.gettext(stop.title), words.gettext(stop.look), words.gettext(after) if after else ""
    )


def stand_at(response: Response, settings: Settings, number: int) -> None:
    """Let the browser remember the stop; 0 ends the tour."""
    response.set_cookie(
        *(cookie_name(settings, TOUR_COOKIE), str(number)),
        max_age=_SECONDS if number else 0,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
