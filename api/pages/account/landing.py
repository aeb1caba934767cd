"""Where a sign-in leads: to the second step, to the page that somebody wanted, or to the home of their role."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import LANGUAGE_COOKIE, cookie_name, core_of, origin_of
from api.pages.account.device_words import device_words
from api.pages.shared.rendering import current_session, give_cookies, set_known, set_language, set_session
from booking.country.core import sessions
from booking.country.core.four_eyes import Permission, reach
from booking.people.accounts import known_devices
from booking.people.accounts.begin_session import Login, SecondStep

HOMES: Final = (
    (Permission.USE_DESK, "/desk"),
    (Permission.HANDLE_ONLINE, "/desk/online"),
    (Permission.CHANGE_POLICIES, "/analyst"),
    (Permission.MANAGE_STAFF, "/admin"),
    (Permission.HELP_PEOPLE, "/helper"),
)


def landing(login: Login, target: str) -> str:
    """Return where a new session begins: with the phone's confirmation, at ``target``, or at home."""
    home = next((path for permission, path in HOMES if reach(login.roles, permission)), "/me")
    return target or home if login.phone_confirmed else "/confirm-phone"


def begun_page(request: Request, begun: Login | SecondStep, target: str) -> Response:
    """Lead to ``target`` in the session that has begun, or to its second step first."""
    if isinstance(begun, SecondStep):
        step = "/sign-in/set-up" if begun.sets_up else "/sign-in/second-step"
        return move_along(request, begun.token, step, begun.language, next=target)
    response = move_along(request, begun.token, landing(begun, target), begun.language)
    return know_again(request, response, begun)


def know_again(request: Request, response: Response, login: Login) -> Response:
    """Let the account that was signed in to know this browser again, and give the browser what it is known by."""
    core = core_of(request)
    token = known_devices.remember(
        core, account_id=login.account_id, token=origin_of(request).known, words=device_words(request)
    )
    set_known(response, core.settings, token)
    return response


def move_along(request: Request, token: str, path: str, language: str, **more: str) -> Response:
    """Lead to ``path`` in the session ``token``; what was typed before signing in, and ``more``, is kept in it."""
    core, before = core_of(request), current_session(request)
    kept = {"resume": before.form["resume"]} if before is not None and "resume" in before.form else {}
    session = sessions.read(core, token) if kept or more else None
    if session is not None:
        sessions.update_form(core, token, {**session.form, **kept, **more})
    response = RedirectResponse(path, 303)
    give_cookies(request, response, core.settings)
    set_session(response, core.settings, token)
    if cookie_name(core.settings, LANGUAGE_COOKIE) not in request.cookies:
        set_language(response, core.settings, language)
    return response
