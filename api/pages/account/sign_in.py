"""Register, confirm the phone, sign in and out, choose a new password."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import LANGUAGE_COOKIE, AccountDep, CoreDep, OriginDep, VisitDep, WordsDep, core_of, session_cookie
from api.pages.account.device_words import device_words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import LONGEST_PATH, current_session, give_cookies, set_language, set_session
from booking.accounts.begin_session import Login, SecondStep
from booking.accounts.provider_sign_in import is_offered
from booking.accounts.register import confirm_phone, register, resend_code
from booking.accounts.reset_password import request_reset, reset_password
from booking.accounts.sign_in import begin_sign_in, sign_in, sign_out
from booking.base.errors import MawidError
from booking.core import sessions
from booking.core.permissions import Permission, reach
from booking.models.requests.states import Door

router = APIRouter()

_HOMES: Final = (
    (Permission.USE_DESK, "/desk"),
    (Permission.HANDLE_ONLINE, "/desk/online"),
    (Permission.CHANGE_POLICIES, "/analyst"),
    (Permission.MANAGE_STAFF, "/admin"),
    (Permission.HELP_PEOPLE, "/helper"),
)


@router.get("/register")
def register_form(request: Request, door: str = "home") -> Response:
    """Show the registration form."""
    return form_page(request, "account/register.html", {"door": "abroad" if door == "abroad" else "home"})


@router.post("/register")
def register_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, words: WordsDep) -> Response:
    """Make the account, sign it in, and go on to the code that was sent to the phone."""
    username, password = form.text("username"), form.text("password")
    try:
        register(
            core,
            username=username,
            password=password,
            phone=form.text("phone"),
            language=words.language.value,
            door=Door.ABROAD if form.text("door") == "abroad" else Door.HOME,
            origin=origin,
        )
        login = sign_in(core, username=username, password=password, origin=origin, device=device_words(request))
    except MawidError as error:
        return form_page(request, "account/register.html", form, error)
    return move_along(request, login.token, "/confirm-phone", login.language)


@router.get("/confirm-phone")
def confirm_phone_form(request: Request, _account: AccountDep) -> Response:
    """Ask for the code that was sent to the phone."""
    return form_page(request, "account/confirm_phone.html", sent=request.query_params.get("sent") == "1")


@router.post("/confirm-phone")
def confirm_phone_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Confirm the phone; the next thing to do is to name the people."""
    try:
        confirm_phone(core, account_id=account.account_id, code=form.text("code"))
    except MawidError as error:
        return form_page(request, "account/confirm_phone.html", form, error, sent=False)
    return RedirectResponse("/household", 303)


@router.post("/confirm-phone/again")
def confirm_phone_again(
    request: Request, _form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send another code."""
    try:
        resend_code(core, account_id=account.account_id, origin=origin)
    except MawidError as error:
        return form_page(request, "account/confirm_phone.html", Form(), error, sent=False)
    return RedirectResponse("/confirm-phone?sent=1", 303)


@router.get("/confirm-phone/again")
def confirm_phone_again_form(_account: AccountDep) -> Response:
    """Lead back to the form, for who comes here from an expired session."""
    return RedirectResponse("/confirm-phone", 303)


@router.get("/sign-in")
def sign_in_form(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Show the sign-in form."""
    return sign_in_page(request, safe_path(next), changed=request.query_params.get("changed") == "1")


@router.post("/sign-in")
def sign_in_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Begin a session and go where the person wanted to go."""
    target = safe_path(form.text("next"))
    try:
        begun = begin_sign_in(
            core,
            username=form.text("username"),
            password=form.text("password"),
            origin=origin,
            device=device_words(request),
        )
    except MawidError as error:
        return sign_in_page(request, target, form, error)
    return begun_page(request, begun, target)


@router.get("/sign-out")
def sign_out_form(request: Request) -> Response:
    """Ask whether to sign out: a link alone must not do it."""
    return form_page(request, "account/sign_out.html")


@router.post("/sign-out")
def sign_out_post(_form: PostedDep, core: CoreDep, visit: VisitDep) -> Response:
    """End the session."""
    if visit is not None:
        sign_out(core, token=visit.token)
    response = RedirectResponse("/", 303)
    response.delete_cookie(session_cookie(core.settings), path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.get("/reset")
def reset_form(request: Request) -> Response:
    """Ask whose password was forgotten."""
    return form_page(request, "account/reset.html")


@router.post("/reset")
def reset_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Send a code to the account's phone; whether there is such an account is not told."""
    try:
        request_reset(core, username=form.text("username"), origin=origin)
    except MawidError as error:
        return form_page(request, "account/reset.html", form, error)
    if visit is not None:
        sessions.update_form(core, visit.token, {"reset": form.text("username")[:80]})
    return RedirectResponse("/reset/new", 303)


@router.get("/reset/new")
def new_password_form(request: Request, visit: VisitDep) -> Response:
    """Ask for the code and a new password; the user name is kept in the session, not in the address."""
    username = visit.session.form.get("reset", "") if visit else ""
    return form_page(request, "account/reset_new.html", {"username": username})


@router.post("/reset/new")
def new_password_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Set the new password; every session of the account ends."""
    try:
        reset_password(
            core,
            username=form.text("username"),
            code=form.text("code"),
            password=form.text("password"),
            origin=origin,
        )
    except MawidError as error:
        return form_page(request, "account/reset_new.html", form, error)
    return RedirectResponse("/sign-in?changed=1", 303)


def safe_path(text: str) -> str:
    """Return a path on this site, or "" for anything that could lead elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text[:LONGEST_PATH]


def sign_in_page(
    request: Request, target: str, form: Form | None = None, error: MawidError | None = None, *, changed: bool = False
) -> Response:
    """Show the sign-in form; on the way to a page of staff it also leads to the organisation's provider, if any."""
    elsewhere = is_offered(core_of(request)) and target.startswith(tuple(path for _, path in _HOMES))
    return form_page(request, "account/sign_in.html", form, error, next=target, changed=changed, elsewhere=elsewhere)


def landing(login: Login, target: str) -> str:
    """Tell where a new session begins: with the phone's confirmation, at ``target``, or at home."""
    home = next((path for permission, path in _HOMES if reach(login.roles, permission)), "/me")
    return target or home if login.phone_confirmed else "/confirm-phone"


def begun_page(request: Request, begun: Login | SecondStep, target: str) -> Response:
    """Lead to ``target`` in the session that has begun, or to its second step first."""
    if isinstance(begun, SecondStep):
        step = "/sign-in/set-up" if begun.sets_up else "/sign-in/second-step"
        return move_along(request, begun.token, step, begun.language, next=target)
    return move_along(request, begun.token, landing(begun, target), begun.language)


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
    if LANGUAGE_COOKIE not in request.cookies:
        set_language(response, core.settings, language)
    return response
