"""Who forgot the password chooses a new one; who forgot the user name is told it. Both by a message to the phone."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OriginDep, VisitDep
from api.pages.account.device_words import device_words
from api.pages.shared.banners import told
from api.pages.shared.forms import PostedDep, form_page, keep_form, moved
from api.pages.shared.rendering import set_known
from api.pages.shared.show_again import show_again
from booking.people.accounts.recover_username import request_usernames
from booking.people.accounts.reset_password import request_reset, reset_password

router = APIRouter()


@router.get("/reset")
def reset_form(request: Request) -> Response:
    """Ask whose password was forgotten."""
    return form_page(request, "account/reset.html")


@router.post("/reset")
def reset_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Send a code to the account's phone; whether there is such an account is not said."""
    with show_again(lambda error: form_page(request, "account/reset.html", form, error)):
        asked = request_reset(core, username=form.text("username"), origin=origin)
    kept = {"username": form.text("username")[:80], "visit": asked}
    keep_form(request, visit, {**(visit.session.form if visit else {}), "reset": kept})
    return moved(request, "/reset/new")


@router.get("/reset/new")
def new_password_form(request: Request, visit: VisitDep) -> Response:
    """Ask for the code and a new password; the user name is kept in the session, not in the address."""
    return form_page(request, "account/reset_new.html", {"username": _asked(visit).get("username", "")})


@router.post("/reset/new")
def new_password_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Set the new password; every session of the account ends, and it knows this browser."""
    with show_again(lambda error: form_page(request, "account/reset_new.html", form, error)):
        token = reset_password(
            core,
            username=form.text("username"),
            code=form.text("code"),
            password=form.text("password"),
            origin=origin,
            visit=_asked(visit).get("visit", ""),
            words=device_words(request),
        )
    response = told(core.settings, "/sign-in", "password-reset")
    set_known(response, core.settings, token)
    return response


@router.get("/user-name")
def user_name_form(request: Request) -> Response:
    """Ask for the phone whose user names were forgotten."""
    return form_page(request, "account/user_name.html", sent=False)


@router.post("/user-name")
def user_name_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Send the user names to the phone; whether it has any is not said."""
    with show_again(lambda error: form_page(request, "account/user_name.html", form, error, sent=False)):
        request_usernames(core, phone=form.text("phone"), origin=origin)
    return form_page(request, "account/user_name.html", sent=True)


def _asked(visit: VisitDep) -> dict[str, Any]:
    kept = visit.session.form.get("reset") if visit else None
    return kept if isinstance(kept, dict) else {}
