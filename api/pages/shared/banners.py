"""What an action did, said once on the next page; with a way to undo it where there is one.

A cookie carries it: a link in somebody's message cannot make a page claim that something happened, and nothing is kept
on the server. It holds a code of this table and, where there is something to undo, a reference: nothing personal.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import cookie_name, is_https
from api.i18n import N_, Words
from api.pages.shared.staff_menu import STAFF_DEEDS
from booking.platform.base.settings import Settings

BANNER_COOKIE: Final = "did"
_SECONDS: Final = 60
_KEPT: Final = re.compile(r"^([a-z-]{1,40})(?:\.([A-Za-z0-9-]{1,40}))?$")


@dataclass(frozen=True)
class Deed:
    """What was done, in the words of the page, and the address that undoes it; ``%s`` there is the reference."""

    words: str
    undo: str = ""


@dataclass(frozen=True)
class Banner:
    """A deed in a visitor's language; ``undo`` is empty where it cannot be undone."""

    words: str
    undo: str


DEEDS: Final = {
    **{code: Deed(words) for code, words in STAFF_DEEDS.items()},
    "signed-out": Deed(N_("You are signed out.")),
    "calendar-ended": Deed(N_("The address has stopped. Calendars that had it show nothing new.")),
    "credentials-ended": Deed(N_("Everything in wallet apps and files has ended.")),
    "confirmed": Deed(N_("Your appointment is confirmed. Show the pass on the day.")),
    "cancelled": Deed(N_("Your appointment is cancelled and goes to other people.")),
    "changed": Deed(N_("Your appointment is changed. The time before goes to other people.")),
    "moved": Deed(N_("You gave up the appointment. Your request is in the next draw, with its turn.")),
    "other-wished": Deed(N_("We look for it each night. Your appointment stays yours until then.")),
    "other-ended": Deed(N_("We stopped looking. Your appointment stays as it is.")),
    "move-refused": Deed(N_("You said that you cannot come. Your request is in the next draw, with more priority.")),
    "withdrawn": Deed(N_("Your request is withdrawn. You can ask again at any time.")),
    "appealed": Deed(N_("Your appeal has arrived. Another officer reads it.")),
    "check-passed": Deed(N_("The check is done. You do not need to do anything.")),
    "urgent-sent": Deed(N_("Your urgent request is sent. An officer reads it.")),
    "urgent-withdrawn": Deed(N_("Your urgent request is withdrawn. Your request stays in the draw.")),
    "paper-added": Deed(N_("Your paper has arrived.")),
    "paper-removed": Deed(N_("The paper is removed.")),
    "person-added": Deed(N_("The person is added.")),
    "person-changed": Deed(N_("The person's details are saved.")),
    "person-removed": Deed(N_("The person is removed. You can add them again at any time.")),
    "person-proven": Deed(N_("It is proven that you may ask for this person.")),
    "acting-ended": Deed(N_("That account no longer acts for this person, and was told so.")),
    "acting-disputed": Deed(
        N_("Now come to any counter with an identity document: an officer compares and decides. Nothing has ended yet.")
    ),
    "online-withdrawn": Deed(N_("Your request is withdrawn. A fee that you paid comes back in full.")),
    "notices-saved": Deed(N_("Your choices about messages are saved.")),
    "channel-confirmed": Deed(N_("Messages reach you there now.")),
    "channel-removed": Deed(N_("The address is removed. We send nothing more there.")),
    "password-changed": Deed(N_("Your password is changed. All other devices are signed out.")),
    "password-reset": Deed(N_("Your password is changed. Sign in with the new one.")),
    "phone-confirmed": Deed(N_("Your phone is confirmed. Now add the people you ask for.")),
    "phone-changed": Deed(N_("Your phone is changed. All other devices are signed out.")),
    "phone-stopped": Deed(N_("The change of your phone is stopped.")),
    "second-step-removed": Deed(N_("The second step is removed.")),
    "passkey-added": Deed(N_("The passkey is added.")),
    "passkey-removed": Deed(N_("The passkey is removed.")),
    "session-ended": Deed(N_("You are signed out there.")),
    "sessions-ended": Deed(N_("You are signed out everywhere else.")),
    "device-forgotten": Deed(N_("That device is forgotten.")),
    "account-closed": Deed(N_("Your account is closed, and you are signed out everywhere.")),
    "account-reopened": Deed(N_("Your account is open again. Sign in.")),
    "edited": Deed(
        N_("Your request is changed. It keeps its turn and has a new receipt."), undo="/requests/%s/change/undo"
    ),
    "edited-rests": Deed(
        N_("Your request is changed. Draws in which no appointment fitted it before do not count for it now."),
        undo="/requests/%s/change/undo",
    ),
    "edited-people": Deed(N_("Your request is changed. It keeps its turn, and anyone who left it can ask again.")),
    "edit-undone": Deed(N_("Your change is undone. The request is as it was before.")),
    "edited-review": Deed(N_("Your request is changed. An officer looks at it first; it keeps its turn.")),
    "edited-check": Deed(N_("Your request is changed. Do the short check below, then it goes on with its turn.")),
    "edited-nothing": Deed(N_("Nothing was changed. Your request stays as it was.")),
}
"""Every banner that a page can show, by the code that the cookie carries."""


def told(settings: Settings, address: str, code: str, reference: str = "") -> Response:
    """Lead to a page that says once what was done; raises KeyError as `tell`."""
    response = RedirectResponse(address, 303)
    tell(response, settings, code, reference)
    return response


def tell(response: Response, settings: Settings, code: str, reference: str = "") -> None:
    """Let the page that comes next say what was done.

    Raises
    ------
    KeyError
        No deed has this code.
    """
    value = f"{code}.{reference}" if DEEDS[code].undo and reference else code
    response.set_cookie(
        *(cookie_name(settings, BANNER_COOKIE), value),
        max_age=_SECONDS,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def read_banner(request: Request, settings: Settings, words: Words) -> Banner | None:
    """Return what the page should say; None where there is nothing, or a cookie that we did not write."""
    kept = _KEPT.match(request.cookies.get(cookie_name(settings, BANNER_COOKIE), ""))
    deed = DEEDS.get(kept[1]) if kept else None
    if kept is None or deed is None:
        return None
    undo = deed.undo.replace("%s", kept[2]) if kept[2] else ""
    return Banner(words.gettext(deed.words), undo)


def forget_banner(response: Response, settings: Settings) -> None:
    """Let the browser forget what has been said."""
    response.delete_cookie(
        cookie_name(settings, BANNER_COOKIE), path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )
