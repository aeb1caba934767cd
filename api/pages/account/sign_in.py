"""Register, confirm the phone, sign in and out."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn, VisitDep, WordsDep, core_of, session_cookie
from api.pages.account.device_words import device_words
from api.pages.account.landing import HOMES, begun_page, know_again, move_along
from api.pages.shared.banners import tell, told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.own_origin import safe_path
from booking.country.core.core import Core
from booking.people.accounts.opening import confirm_phone, register, resend_code
from booking.people.accounts.provider_sign_in import is_offered
from booking.people.accounts.sign_in import begin_sign_in, sign_in, sign_out, waiting_phone
from booking.people.identity import state_sign_in
from booking.platform.base.errors import MawidError
from booking.platform.models.states import Door

router = APIRouter()


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
            language=words.language.code,
            door=Door.ABROAD if form.text("door") == "abroad" else Door.HOME,
            origin=origin,
        )
        login = sign_in(core, username=username, password=password, origin=origin, device=device_words(request))
    except MawidError as error:
        return form_page(request, "account/register.html", form, error)
    return know_again(request, move_along(request, login.token, "/confirm-phone", login.language), login)


@router.get("/confirm-phone")
def confirm_phone_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the code that was sent to the phone."""
    return _confirm_page(request, core, account, sent=request.query_params.get("sent") == "1")


@router.post("/confirm-phone")
def confirm_phone_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Confirm the phone; the next thing to do is to name the people."""
    try:
        confirm_phone(core, account_id=account.account_id, code=form.text("code"))
    except MawidError as error:
        return _confirm_page(request, core, account, form, error)
    return told(core.settings, "/household", "phone-confirmed")


@router.post("/confirm-phone/again")
def confirm_phone_again(
    request: Request, _form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send another code."""
    try:
        resend_code(core, account_id=account.account_id, origin=origin)
    except MawidError as error:
        return _confirm_page(request, core, account, Form(), error)
    return RedirectResponse("/confirm-phone?sent=1", 303)


@router.get("/confirm-phone/again")
def confirm_phone_again_form(_account: AccountDep) -> Response:
    """Lead back to the form, for one who comes here from an expired session."""
    return RedirectResponse("/confirm-phone", 303)


@router.get("/sign-in")
def sign_in_form(request: Request, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Show the sign-in form."""
    return sign_in_page(request, safe_path(next))


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
    tell(response, core.settings, "signed-out")
    return response


def _confirm_page(
    request: Request,
    core: Core,
    account: SignedIn,
    form: Form | None = None,
    error: MawidError | None = None,
    *,
    sent: bool = False,
) -> Response:
    phone = waiting_phone(core, account_id=account.account_id)
    return form_page(request, "account/confirm_phone.html", form, error, sent=sent, phone=phone)


def sign_in_page(request: Request, target: str, form: Form | None = None, error: MawidError | None = None) -> Response:
    """Show the sign-in form; on the way to a page of staff it also leads to the organisation's provider, if any."""
    elsewhere = is_offered(core_of(request)) and target.startswith(tuple(path for _, path in HOMES))
    state = state_sign_in.is_offered(core_of(request))
    return form_page(request, "account/sign_in.html", form, error, next=target, elsewhere=elsewhere, state=state)
