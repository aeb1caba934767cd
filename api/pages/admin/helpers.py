"""Registered helpers, for the supervisors who answer for them and for administrators."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, HelperManagerDep, SignedIn, WordsDep
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.references import id_of
from api.pages.shared.rendering import page
from booking.country.core.core import Core
from booking.desk.helpers import register
from booking.desk.helpers.register import find_helper, list_helpers, offices_for
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/desk/helpers")

CAPS = ("per_day", "per_month", "at_once")


@router.get("")
def helpers(request: Request, manager: HelperManagerDep, core: CoreDep) -> Response:
    """List the helpers."""
    return page(request, "admin/helpers.html", helpers=list_helpers(core, by=manager.account_id))


@router.get("/new")
def new_form(request: Request, manager: HelperManagerDep, core: CoreDep) -> Response:
    """Ask for a new helper."""
    first = {"per_day": 30, "per_month": 400, "at_once": 10}
    return form_page(request, "admin/helper_new.html", first, offices=offices_for(core, by=manager.account_id))


@router.post("/new")
def new_post(request: Request, form: PostedDep, manager: HelperManagerDep, core: CoreDep, words: WordsDep) -> Response:
    """Register the helper."""
    try:
        helper = register.register_helper(
            core,
            by=manager.account_id,
            username=form.text("username"),
            phone=form.text("phone"),
            organisation=form.text("organisation"),
            licence=form.text("licence"),
            office_code=form.text("office_code"),
            caps={name: form.text(name) for name in CAPS},
            language=words.language.code,
        )
    except MawidError as error:
        offices = offices_for(core, by=manager.account_id)
        return form_page(request, "admin/helper_new.html", form, error, offices=offices)
    return RedirectResponse(f"/desk/helpers/{helper}", 303)


@router.get("/{helper_id}")
def helper_form(request: Request, helper_id: str, manager: HelperManagerDep, core: CoreDep) -> Response:
    """Show one helper, with what can be changed."""
    return _helper_page(request, core, manager, id_of(helper_id))


@router.post("/{helper_id}")
def helper_post(
    request: Request, helper_id: str, form: PostedDep, manager: HelperManagerDep, core: CoreDep
) -> Response:
    """Make one change."""
    helper, by, reason = id_of(helper_id), manager.account_id, form.text("reason")
    try:
        match form.text("change"):
            case "suspend":
                register.suspend(core, by=by, helper_id=helper, reason=reason)
            case "reinstate":
                register.reinstate(core, by=by, helper_id=helper, reason=reason)
            case _:
                caps = {name: form.text(name) for name in CAPS}
                register.change_caps(core, by=by, helper_id=helper, caps=caps, reason=reason)
    except MawidError as error:
        return _helper_page(request, core, manager, helper, form, error)
    return told(core.settings, f"/desk/helpers/{helper}", "helper-changed")


def _helper_page(
    request: Request,
    core: Core,
    manager: SignedIn,
    helper_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    found = find_helper(core, by=manager.account_id, helper_id=helper_id)
    known = {name: getattr(found.helper, name) for name in CAPS}
    return form_page(
        request,
        "admin/helper.html",
        as_form(known) if form is None else form,
        error,
        found=found,
        helper=found.helper,
    )
