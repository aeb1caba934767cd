"""Where an account is signed in, and its second step: what its owner sees and ends."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from booking.accounts import passkeys
from booking.accounts.second_factor import has_second_factor, recovery_codes_left, replace_recovery_codes
from booking.base.errors import MawidError
from booking.core import sessions
from booking.core.core import Core

router = APIRouter(prefix="/me/security")


@router.get("")
def security(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """List the sessions, the one used last first."""
    return _security_page(request, core, account)


@router.post("")
def end_sessions(form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """End one session, or all but this one."""
    here = sessions.listed_as(account.visit.token)
    ends = form.text("session")
    for one in sessions.list_all(core, account.account_id):
        if one.id == ends or (ends == "others" and one.id != here):
            sessions.delete_listed(core, account.account_id, one.id)
    return RedirectResponse("/sign-in" if ends == here else "/me/security", 303)


@router.get("/recovery-codes")
def recovery_form(_account: AccountDep) -> Response:
    """Lead to the page with the form, for one who comes here from an expired session."""
    return RedirectResponse("/me/security", 303)


@router.post("/recovery-codes")
def recovery_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Show new recovery codes, this once."""
    try:
        codes = replace_recovery_codes(core, account_id=account.account_id, code=form.text("code"), origin=origin)
    except MawidError as error:
        return _security_page(request, core, account, form, error)
    return page(request, "account/recovery_codes.html", codes=codes, on="/me/security")


def _security_page(
    request: Request, core: Core, account: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    with core.sessions() as session:
        left = (
            recovery_codes_left(session, account.account_id) if has_second_factor(session, account.account_id) else None
        )
    return form_page(
        request,
        "account/sessions.html",
        form,
        error,
        sessions=sessions.list_all(core, account.account_id),
        this_session=sessions.listed_as(account.visit.token),
        left=left,
        passkeys=passkeys.list_passkeys(core, account.account_id),
        recent=passkeys.is_recent(core, account.visit.token),
        zone=core.pack.country.time_zone,
    )
