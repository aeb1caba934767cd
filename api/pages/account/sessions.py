"""Where an account is signed in, and its second step: what its owner sees and ends."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import typed_proof, ways_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.people.accounts import known_devices, passkeys, recovery_codes
from booking.people.accounts.begin_session import must_have_second_factor
from booking.people.accounts.own_second_step import replace_recovery_codes
from booking.people.accounts.second_factor import has_second_factor
from booking.people.identity import state_sign_in
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/me/security")


@router.get("")
def security(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """List the sessions, the one used last first."""
    return _security_page(request, core, account)


@router.post("")
def end_sessions(form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """End one session; or all but this one, with the devices that they came from and calls; or forget one device."""
    here = sessions.listed_as(account.visit.token)
    ends, device = form.text("session"), _id(form.text("device"))
    if device is not None:
        known_devices.forget_one(core, account_id=account.account_id, device_id=device)
    if ends == "others":
        with core.sessions.begin() as session:
            known_devices.forget_others(session, core, account_id=account.account_id, token=origin.known)
        sessions.delete_all(core, account.account_id, but=account.visit.token)
    else:
        sessions.delete_listed(core, account.account_id, ends)
    if ends == here:
        return told(core.settings, "/sign-in", "signed-out")
    deed = "sessions-ended" if ends == "others" else "device-forgotten" if device is not None else "session-ended"
    return told(core.settings, "/me/security", deed)


@router.get("/recovery-codes")
def recovery_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for a proof before new recovery codes are made."""
    return _recovery_page(request, core, account)


@router.post("/recovery-codes")
def recovery_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Show new recovery codes, this once."""
    proof = typed_proof(form, account)
    with show_again(lambda error: _recovery_page(request, core, account, form, error)):
        codes = replace_recovery_codes(core, account_id=account.account_id, proof=proof, origin=origin)
    return page(request, "account/recovery_codes.html", codes=codes, on="/me/security")


def _recovery_page(
    request: Request, core: Core, account: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(request, "account/recovery_codes_new.html", form, error, ways=ways_of(core, account))


def _security_page(request: Request, core: Core, account: SignedIn) -> Response:
    with core.sessions() as session:
        has_factor = has_second_factor(session, account.account_id)
        left = recovery_codes.left(session, account.account_id) if has_factor else None
    return form_page(
        request,
        "account/sessions.html",
        sessions=sessions.list_all(core, account.account_id),
        this_session=sessions.listed_as(account.visit.token),
        left=left,
        passkeys=passkeys.list_passkeys(core, account.account_id),
        devices=known_devices.list_devices(core, account.account_id),
        may_change_phone=not is_staff(account.session.roles),
        may_remove=has_factor and not must_have_second_factor(core, account.session.roles),
        state=state_sign_in.is_offered(core) and not is_staff(account.session.roles),
        at_most=core.settings.sessions_at_most,
        idle=int(core.settings.citizen_idle.total_seconds() // 60),
        zone=core.pack.country.time_zone,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
