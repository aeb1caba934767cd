"""What a phone keeps for when there is no network: pages and for how long, what is typed, and the script that keeps."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.deps import SignedIn
from api.pages.shared.rendering import page
from api.pages.shared.static import read_static, versions
from booking.base.errors import NotFoundError
from booking.base.settings import Language
from booking.core.core import Core
from booking.core.permissions import is_staff
from booking.core.session_data import SessionData

router = APIRouter()

KEEP_HEADER: Final = "X-Mawid-Keep"
PLAN_KEPT_FOR: Final = timedelta(days=7)
TYPED_FORMS: Final = re.compile(
    r"/((ask|abroad)(/[a-z]+)?|online/cases/[^/]+/questions/[^/]+|requests/[^/]+/(urgent|appeal))"
)
"""The forms of citizens for which a phone keeps what is typed until it is sent; `keeper.js` knows the same."""
_GREEN: Final = "#0b5d4b"
_PAPER: Final = "#ffffff"
_SIZES: Final = (192, 512)


def end_of_day(instant: datetime, zone: str) -> datetime:
    """Return when the local day of an instant is over, in UTC."""
    local = instant.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time_of_day(), local.tzinfo).astimezone(UTC)


def let_keep(response: Response, account: SignedIn, left: timedelta) -> None:
    """Allow the browser of a citizen to keep a page that came well; staff sit at computers of others.

    It is told a length of time, not an instant: clocks of phones are often wrong.
    """
    seconds = int(left.total_seconds())
    if response.status_code == 200 and seconds > 0 and not is_staff(account.session.roles):  # noqa: PLR2004
        response.headers[KEEP_HEADER] = str(seconds)


def typing_key(core: Core, session: SessionData | None, path: str) -> str:
    """Return the key by which the browser of a citizen seals what they type in this form; "" where it keeps nothing.

    It is the same for each session of an account and for no other account, and is kept nowhere.
    """
    if session is None or session.account_id is None or is_staff(session.roles) or not TYPED_FORMS.fullmatch(path):
        return ""
    return b64encode(core.vault.key(f"typed on a phone/{session.account_id}")).decode()


@router.get("/keeper.js")
async def keeper() -> Response:
    """Return the script that keeps pages; from the root it may see them all, and touches few."""
    return Response(
        read_static("keeper.js"),
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/without-network")
def without_network(request: Request) -> Response:
    """Show the page that lists what is kept; it comes without anybody's data."""
    return page(request, "public/without_network.html", session=None)


@router.get("/without-network/form")
def not_sent(request: Request) -> Response:
    """Show the page that answers a form which could not be sent; it comes without anybody's data."""
    return page(request, "public/not_sent.html", session=None)


@router.get("/manifest-{language}.webmanifest")
def manifest(request: Request, language: str) -> Response:
    """Say how this site is called and looks where somebody installs it."""
    if language not in [one.value for one in Language]:
        raise NotFoundError
    words = request.app.state.words[Language(language)]
    known = versions()
    icons = [
        {
            "src": f"/static/icon-{size}.png?v={known[f'icon-{size}.png']}",
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in _SIZES
    ]
    return JSONResponse(
        {
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "minimal-ui",
            "lang": language,
            "dir": words.direction,
            "name": words.gettext("Mawid: appointments by a fair draw"),
            "short_name": words.gettext("Mawid"),
            "theme_color": _GREEN,
            "background_color": _PAPER,
            "icons": [one | {"purpose": purpose} for one in icons for purpose in ("any", "maskable")],
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "public, max-age=86400"},
    )
