"""Choose another password while signed in."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep, OriginDep
from api.pages.shared.banners import told
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.people.accounts.reset_password import change_password

router = APIRouter(prefix="/me/password")


@router.get("")
def password_form(request: Request, _account: AccountDep) -> Response:
    """Ask for the present password and a new one."""
    return form_page(request, "account/password.html")


@router.post("")
def password_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Set it; this session goes on, and all others end."""
    with show_again(lambda error: form_page(request, "account/password.html", form, error)):
        change_password(
            core,
            account_id=account.account_id,
            token=account.visit.token,
            present=form.text("present_password"),
            password=form.text("password"),
            origin=origin,
        )
    return told(core.settings, "/me/security", "password-changed")
