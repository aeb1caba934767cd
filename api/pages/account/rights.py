"""What people may do about their account and data: take a copy, close the account, open it again."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, VisitDep, session_cookie
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page, keep_form, moved
from api.pages.shared.fresh_proof import typed_proof, ways_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.desk.rights.close import close_account, days_to_reopen, reopen_account, send_code
from booking.desk.rights.copy import ask_for_copy, copy_state, fetch_copy
from booking.desk.rights.views import what_closing_ends
from booking.people.accounts.sign_in import account_view
from booking.platform.base.errors import MawidError

router = APIRouter()
_NO_STORE = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="mawid-data.zip"'}


@router.get("/me/account")
def overview(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show the account, and where its owner takes a copy or closes it."""
    return page(request, "account/rights.html", account=account_view(core, account.account_id))


@router.get("/me/account/copy")
def copy_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Say where the copy stands, and ask for a proof before one is made or fetched."""
    return _copy_page(request, core, account)


@router.post("/me/account/copy")
def copy_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Have a copy made."""
    with show_again(lambda error: _copy_page(request, core, account, form, error)):
        ask_for_copy(core, account_id=account.account_id, proof=typed_proof(form, account), origin=origin)
    return RedirectResponse("/me/account/copy", 303)


@router.get("/me/account/copy/fetch")
def fetch_form(_account: AccountDep) -> Response:
    """Lead to the page with the form, for one who comes here from an expired session."""
    return RedirectResponse("/me/account/copy", 303)


@router.post("/me/account/copy/fetch")
def fetch_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Return the copy, this once."""
    try:
        content = fetch_copy(core, account_id=account.account_id, proof=typed_proof(form, account), origin=origin)
    except MawidError as error:
        return _copy_page(request, core, account, form, error)
    return Response(content, media_type="application/zip", headers=_NO_STORE)


@router.get("/me/account/close")
def close_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Say in words what would become of everything, and ask for a proof."""
    return _close_page(request, core, account)


@router.post("/me/account/close")
def close_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Close the account, and leave."""
    with show_again(lambda error: _close_page(request, core, account, form, error)):
        close_account(core, account_id=account.account_id, proof=typed_proof(form, account), origin=origin)
    response = told(core.settings, "/reopen", "account-closed")
    response.delete_cookie(session_cookie(core.settings), path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.get("/reopen")
def reopen_form(request: Request, core: CoreDep) -> Response:
    """Ask for user name and password of a closed account."""
    return _reopen_page(request, core)


@router.post("/reopen")
def reopen_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Send a code to the account's phone."""
    username = form.text("username")
    with show_again(lambda error: _reopen_page(request, core, form, error)):
        send_code(core, username=username, password=form.text("password"), origin=origin)
    keep_form(request, visit, {"reopen": username[:80]})
    return moved(request, "/reopen/code")


@router.get("/reopen/code")
def reopen_code_form(request: Request, visit: VisitDep) -> Response:
    """Ask for the code; the user name is kept in the session, not in the address."""
    username = visit.session.form.get("reopen", "") if visit else ""
    return form_page(request, "account/reopen_code.html", {"username": username})


@router.post("/reopen/code")
def reopen_code_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Open the account again; its owner signs in next."""
    with show_again(lambda error: form_page(request, "account/reopen_code.html", form, error)):
        reopen_account(
            core,
            username=form.text("username"),
            password=form.text("password"),
            code=form.text("code"),
            origin=origin,
        )
    return told(core.settings, "/sign-in", "account-reopened")


def _copy_page(
    request: Request, core: CoreDep, account: AccountDep, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request,
        "account/copy.html",
        form,
        error,
        state=copy_state(core, account.account_id),
        ways=ways_of(core, account),
        zone=core.pack.country.time_zone,
    )


def _close_page(
    request: Request, core: CoreDep, account: AccountDep, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request,
        "account/close.html",
        form,
        error,
        closing=what_closing_ends(core, account.account_id),
        ways=ways_of(core, account),
        zone=core.pack.country.time_zone,
    )


def _reopen_page(
    request: Request, core: CoreDep, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(request, "account/reopen.html", form, error, days=days_to_reopen(core))
