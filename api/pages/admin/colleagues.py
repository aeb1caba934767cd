"""Colleagues' accounts, for administrators: who works here, in which role, and what ends when someone leaves."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AdministratorDep, CoreDep, SignedIn, WordsDep
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.references import id_in_path
from api.pages.shared.rendering import page
from booking.base.errors import MawidError
from booking.catalogue.views import list_offices
from booking.core import sessions
from booking.core.core import Core
from booking.models.states import Role
from booking.staff import change
from booking.staff.create import create_staff
from booking.staff.views import find_colleague, list_colleagues

router = APIRouter(prefix="/admin/staff")

STAFF_ROLES = [role for role in Role if role not in {Role.CITIZEN, Role.HELPER}]


AccountId = Annotated[UUID, id_in_path("account_id")]


@router.get("")
def colleagues(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """List everyone who works here."""
    return page(request, "admin/colleagues.html", colleagues=list_colleagues(core))


@router.get("/new")
def new_form(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """Ask for a new colleague's account."""
    return _new_page(request, core)


@router.post("/new")
def new_post(
    request: Request, form: PostedDep, administrator: AdministratorDep, core: CoreDep, words: WordsDep
) -> Response:
    """Make the account; its password is chosen by its owner alone, with a code sent to the phone."""
    try:
        create_staff(
            core,
            username=form.text("username"),
            password=secrets.token_urlsafe(32),
            phone=form.text("phone"),
            roles=_roles(form),
            office_code=form.text("office_code") or None,
            language=words.language.value,
            by=administrator.account_id,
            agency_code=form.text("agency_code") or None,
        )
    except MawidError as error:
        return _new_page(request, core, form, error)
    return RedirectResponse("/admin/staff", 303)


@router.get("/{account_id}")
def colleague_form(request: Request, account_id: AccountId, administrator: AdministratorDep, core: CoreDep) -> Response:
    """Show one colleague, with what can be changed."""
    return _colleague_page(request, core, administrator, account_id)


@router.post("/{account_id}")
def colleague_post(
    request: Request, form: PostedDep, account_id: AccountId, administrator: AdministratorDep, core: CoreDep
) -> Response:
    """Make one change; their sessions end with it."""
    by, reason = administrator.account_id, form.text("reason")
    try:
        match form.text("change"):
            case "close":
                change.close_account(core, by=by, account_id=account_id, reason=reason)
            case "open":
                change.open_account(core, by=by, account_id=account_id, reason=reason)
            case "second_factor":
                change.reset_second_factor(core, by=by, account_id=account_id, reason=reason)
            case "subject":
                change.link_provider(core, by=by, account_id=account_id, subject=form.text("subject"), reason=reason)
            case "sessions":
                change.end_sessions(core, by=by, account_id=account_id, reason=reason)
            case _:
                office = form.text("office_code") or None
                change.change_roles(
                    core,
                    by=by,
                    account_id=account_id,
                    roles=_roles(form),
                    office_code=office,
                    reason=reason,
                    agency_code=form.text("agency_code") or None,
                )
    except MawidError as error:
        return _colleague_page(request, core, administrator, account_id, form, error)
    return RedirectResponse(f"/admin/staff/{account_id}?done=1", 303)


def _colleague_page(
    request: Request,
    core: Core,
    administrator: SignedIn,
    account_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    colleague = find_colleague(core, account_id)
    office_code = colleague.office.code if colleague.office else ""
    known = {
        "roles": colleague.roles,
        "office_code": office_code,
        "agency_code": colleague.agency or "",
        "subject": colleague.subject,
    }
    return form_page(
        request,
        "admin/colleague.html",
        as_form(known) if form is None else form,
        error,
        colleague=colleague,
        own=colleague.account_id == administrator.account_id,
        live=len(sessions.list_all(core, colleague.account_id)),
        offices=_offices(core),
        agencies=core.pack.agencies,
        staff_roles=STAFF_ROLES,
        provider=core.settings.oidc_issuer or "",
        done=request.query_params.get("done") == "1",
    )


def _new_page(request: Request, core: Core, form: Form | None = None, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "admin/colleague_new.html",
        form,
        error,
        offices=_offices(core),
        agencies=core.pack.agencies,
        staff_roles=STAFF_ROLES,
    )


def _roles(form: Form) -> list[Role]:
    return [role for role in STAFF_ROLES if role.value in form.every("roles")]


def _offices(core: Core) -> list[tuple[str, str, str]]:
    """List offices by code, with both names."""
    return [(office.code, office.name_ar, office.name_en) for office in list_offices(core)]
