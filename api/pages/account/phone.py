"""Another phone for an account: codes to both, or a second factor or some days instead of the old one."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.accounts import change_phone
from booking.people.accounts.change_phone import ask_for_change, finish_change, wait_for_change
from booking.people.accounts.fresh import require_fresh
from booking.people.accounts.lost_factor import stop_by_code
from booking.people.accounts.second_factor import has_codes
from booking.people.accounts.sign_in import account_view
from booking.platform.base.errors import MawidError

router = APIRouter()


@router.get("/me/phone")
def phone_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the new phone; or show until when a change waits."""
    require_fresh(core, account.visit.token)
    return _phone_page(request, core, account)


@router.post("/me/phone")
def phone_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Send codes to both phones, or stop the change that is open."""
    if form.text("stop") == "1":
        change_phone.stop(core, account_id=account.account_id)
        return told(core.settings, "/me/security", "phone-stopped")
    with show_again(lambda error: _phone_page(request, core, account, form, error)):
        ask_for_change(
            core, account_id=account.account_id, token=account.visit.token, phone=form.text("phone"), origin=origin
        )
    return RedirectResponse("/me/phone/codes", 303)


@router.get("/me/phone/codes")
def codes_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the codes; without an open change lead to its beginning."""
    is_open, until = change_phone.waiting_until(core, account.account_id)
    if not is_open or until is not None:
        return RedirectResponse("/me/phone", 303)
    return _codes_page(request, core, account)


@router.post("/me/phone/codes")
def codes_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Change the phone, or let the change wait where the old phone is lost."""
    lost = form.text("lost") == "1"
    account_id, token, new_code = account.account_id, account.visit.token, form.text("new_code")
    with show_again(lambda error: _codes_page(request, core, account, form, error)):
        if lost:
            wait_for_change(core, account_id=account_id, token=token, new_code=new_code, origin=origin)
        else:
            finish_change(
                core,
                account_id=account_id,
                token=token,
                new_code=new_code,
                old_code=form.text("old_code"),
                factor_code=form.text("factor_code"),
                origin=origin,
            )
    if lost:
        return RedirectResponse("/me/phone", 303)
    return told(core.settings, "/me/security", "phone-changed")


@router.get("/stop-phone")
def stop_form(request: Request) -> Response:
    """Ask for the code that the old phone got."""
    return form_page(request, "account/phone_stop.html", stopped=False)


@router.post("/stop-phone")
def stop_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Stop the change, without signing in."""
    with show_again(lambda error: form_page(request, "account/phone_stop.html", form, error, stopped=False)):
        stop_by_code(core, code=form.text("code"), origin=origin)
    return form_page(request, "account/phone_stop.html", stopped=True)


def _phone_page(
    request: Request, core: Core, account: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    _, until = change_phone.waiting_until(core, account.account_id)
    ends = account_view(core, account.account_id).phone_ends
    zone = core.pack.country.time_zone
    return form_page(request, "account/phone.html", form, error, until=until, ends=ends, zone=zone)


def _codes_page(
    request: Request, core: Core, account: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    with core.sessions() as session:
        factor = has_codes(session, account.account_id)
    return form_page(
        request,
        "account/phone_codes.html",
        form,
        error,
        ends=account_view(core, account.account_id).phone_ends,
        factor=factor,
        days=change_phone.days_of(core.settings.phone_change_wait),
    )
