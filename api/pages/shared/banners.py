"""What an action did, said once on the next page; with a way to undo it where there is one.

A cookie carries it: a link in somebody's message cannot make a page claim that something happened, and nothing is kept
on the server. It holds a code of this table and, where there is something to undo, a reference: nothing personal.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.deps import cookie_name, is_https
from api.i18n import N_, Words
from booking.base.settings import Settings

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
    "signed-out": Deed(N_("You are signed out.")),
}
"""Every banner that a page can show, by the code that the cookie carries."""


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
