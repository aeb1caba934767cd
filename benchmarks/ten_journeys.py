"""Ten journeys for `taps.py`: who makes them, and by which moves, for pages of any version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from booking.platform.base.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Move:
    """What is done with the controls that a selector finds: tick, every, choose, type, attach or press."""

    do: str
    find: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """Who makes it, from where, by which moves, until which selector is on the page of which address.

    ``through`` is the press that must have led there, with the page that it was on; ``room`` says that what its person
    asked for before is given up first.
    """

    who: str
    start: str
    moves: Sequence[Move]
    until: str
    where: str = ".*"
    through: str = ".*"
    room: bool = False


SOON: Final = (SystemClock().now() + timedelta(days=4)).date().isoformat()
SEND: Final = (
    Move("press", "main form[method=post] button.button"),
    Move("press", "main a.button"),
    Move("press", "main form[method=post] button:not(.quiet)"),
)
MINE: Final = (Move("press", "main a[href='/me'], header a[href='/me']"), Move("press", "header details.menu summary"))
WISH: Final = (
    Move("every", "main input[name=people]"),
    Move("tick", "main input[name=reason]"),
    Move("choose", "main select[name=reason]", "1"),
)


def asking(first: str, office: str) -> tuple[Move, ...]:
    """Return the moves of a request for a draw."""
    return (
        Move("press", f"main a[href='{first}']"),
        Move("press", f"main a[href^='{first}/begin/passport-renewal']"),
        Move("tick", "main input[name=service][value='passport-renewal']"),
        *WISH,
        Move("choose", "main form[method=post] select[name=country]", "DE"),
        Move("choose", "main select[name=first]", office),
        *SEND,
    )


JOURNEYS: Final[Mapping[str, Journey]] = {
    "confirming an offer": Journey(
        "citizen",
        "/",
        (Move("press", "main form[action$='/confirm'] button"), Move("press", "main a[href^='/appointments/']"), *MINE),
        "main a[href$='/pass']",
        "/appointments/[^/]+",
    ),
    "checking a document": Journey(
        "",
        "/",
        (
            Move("type", "#document", "ABC123XYZ"),
            Move("press", "main form[method=post]:has(#document) button.button"),
            Move("press", "main a[href='/check']"),
            Move("press", "footer a[href='/check']"),
        ),
        "#answer, main .summary",
        "/check",
    ),
    "cancelling": Journey(
        "citizen",
        "/",
        (
            Move("press", "main a[href$='/cancel']"),
            Move("press", "main form[action$='/cancel'] button, main form[method=post] button"),
            Move("press", "main a[href^='/appointments/']"),
            *MINE,
        ),
        "main",
        "/appointments/[^/]+|/me|/requests/[^/]+",
        "/appointments/[^/]+/cancel: .*",
    ),
    "a family of three asks for renewal": Journey(
        "citizen", "/", asking("/ask", "damascus"), "main", "/requests/[^/]+", room=True
    ),
    "following a request": Journey(
        "citizen", "/", (Move("press", "main h3 a[href^='/requests/']"), *MINE), "main", "/requests/[^/]+"
    ),
    "an urgent case, with a paper": Journey(
        "citizen",
        "/",
        (
            Move("press", "main a[href$='/urgent']"),
            Move("press", "main h3 a[href^='/requests/']"),
            Move("tick", "main input[name=reason]"),
            Move("type", "main input[name=needed_by]", SOON),
            Move("attach", "main form:has(button.button) input[type=file]"),
            Move("press", "main form[enctype] button.button"),
            Move("press", "main form[action$='/send'] button, main a[href$='/urgent/send']"),
            SEND[0],
            *MINE,
            *SEND,
        ),
        "main a[href$='/urgent/withdraw']:not(main form[action$='/send'] ~ *)",
        "/requests/[^/]+/urgent",
    ),
    "an instant booking": Journey(
        "expatriate",
        "/",
        (
            Move("press", "main a[href='/instant']"),
            Move("press", "footer a[href='/instant']"),
            Move("press", "main button[name=slot]"),
            Move("press", "main a[href^='/instant/home/passport-renewal/']"),
            Move("press", "main a[href='/instant/home/passport-renewal']"),
            *WISH,
            Move("tick", "main input[name=slot]"),
            *SEND,
        ),
        "main a[href$='/pass']",
        "/appointments/[^/]+",
        room=True,
    ),
    "a couple abroad asks": Journey(
        "expatriate", "/", asking("/abroad", "berlin"), "main", "/requests/[^/]+", room=True
    ),
    "a clearance certificate, with two papers and the payment": Journey(
        "citizen",
        "/",
        (
            Move("type", "main form[method=get] input[name=q]", "لا حكم عليه"),
            Move("press", "main form[method=get] button"),
            Move("press", "main a[href='/services']"),
            Move("press", "main a[href='/services/clearance-certificate']"),
            Move("press", "main form[action='/online/services/clearance-certificate'] button.button"),
            Move("press", "main a.button[href='/online/services/clearance-certificate']"),
            Move("tick", "main input[name=person]"),
            Move("tick", "main input[name=answer-purpose]"),
            Move("tick", "main input[name=answer][type=radio]"),
            Move("choose", "main select[name=answer]", "1"),
            Move("type", "main input[name=answer][type=text], main textarea[name=answer]", "دمشق"),
            Move("attach", "main #paper-identity"),
            Move("attach", "main #paper-court-settlement"),
            Move("attach", "main form:has(button.button) input[name=file]"),
            Move("press", "main form[enctype] button.button"),
            Move("tick", "input#declared"),
            Move("press", "button[name=answer][value=pay]"),
            *SEND,
        ),
        "main a[href$='/withdraw'], main .tag",
        "/online/cases/[^/]+",
    ),
    "an officer takes an urgent case and decides it": Journey(
        "officer",
        "/desk",
        (
            Move("press", "main button[data-key=c]"),
            Move("press", "main form[action^='/desk/urgent/'] button"),
            Move("press", "main details[open] button.button"),
            Move("press", "main a[href^='/desk/urgent/']"),
            Move("press", "a[href='/desk/urgent']"),
            Move("press", "main details.decision:not([open]) summary"),
            Move("tick", "main details[open] input[name=reason]"),
        ),
        "main",
        "/desk/urgent(/[^/]+)?",
        r"/desk/urgent/[^/]+: main details\[open\].*",
    ),
}
