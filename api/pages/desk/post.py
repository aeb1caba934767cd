"""The post desk of a consulate: scan a cover sheet, register what arrived, register what went back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, PostOfficerDep
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from booking.country.core.core import Core
from booking.eservices.online.post_desk import find_posted, look_at_posted, post_desk, register_arrival, send_back
from booking.platform.base.errors import ForbiddenError, MawidError, NotFoundError

router = APIRouter(prefix="/desk/post")


@router.get("")
def desk(request: Request, officer: PostOfficerDep, core: CoreDep) -> Response:
    """Show what the consulate waits for, and a field for the scanner."""
    return _desk_page(request, core, officer)


@router.post("")
def find(request: Request, form: PostedDep, officer: PostOfficerDep, core: CoreDep) -> Response:
    """Find the case of a sheet. A form, not an address: what is scanned stays out of logs."""
    try:
        reference = find_posted(core, officer_id=officer.account_id, typed=form.text("code"))
    except ForbiddenError:
        raise
    except MawidError as error:
        return _desk_page(request, core, officer, form, error)
    return RedirectResponse(f"/desk/post/{reference}", 303)


@router.get("/{reference}")
def look(request: Request, reference: ReferenceDep, officer: PostOfficerDep, core: CoreDep) -> Response:
    """Show the posted papers of one case."""
    return _case_page(request, core, officer, reference)


@router.post("/{reference}")
def act(request: Request, reference: ReferenceDep, form: PostedDep, officer: PostOfficerDep, core: CoreDep) -> Response:
    """Register that papers arrived, or that they went back."""
    action = form.text("action")
    look_at_posted(core, officer_id=officer.account_id, reference=reference)
    if action not in {"arrived", "sent-back"}:
        raise NotFoundError
    try:
        if action == "arrived":
            register_arrival(core, officer_id=officer.account_id, reference=reference)
        else:
            send_back(core, officer_id=officer.account_id, reference=reference, tracking=form.text("tracking"))
    except (NotFoundError, ForbiddenError):
        raise
    except MawidError as error:
        return _case_page(request, core, officer, reference, form, error)
    return told(core.settings, f"/desk/post/{reference}", f"post-{action}")


def _desk_page(
    request: Request, core: Core, officer: PostOfficerDep, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    found = post_desk(core, officer_id=officer.account_id)
    return form_page(request, "desk/post.html", typed, error, found=found)


def _case_page(
    request: Request,
    core: Core,
    officer: PostOfficerDep,
    reference: str,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    found = look_at_posted(core, officer_id=officer.account_id, reference=reference)
    return form_page(request, "desk/post_case.html", typed, error, found=found, kept=found.originals)
