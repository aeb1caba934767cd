"""Observers of draws, for administrators: proposed by one, named by another, ended by any; and what they read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AdministratorDep, CoreDep, SignedIn
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import id_in_path
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.platform.base.errors import MawidError
from booking.transparency.observers import name
from booking.transparency.observers.name import find_observer, list_looks, list_observers

router = APIRouter(prefix="/admin/observers")

ObserverId = Annotated[UUID, id_in_path("observer_id")]


@router.get("")
def observers(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """List the organisations that are, were or may become observers."""
    zone = core.pack.country.time_zone
    return page(request, "admin/observers.html", observers=list_observers(core), zone=zone)


@router.get("/new")
def new_form(request: Request, _administrator: AdministratorDep) -> Response:
    """Ask for an organisation and its key."""
    return form_page(request, "admin/observer_new.html")


@router.post("/new")
def new_post(request: Request, form: PostedDep, administrator: AdministratorDep, core: CoreDep) -> Response:
    """Propose it; another administrator agrees."""
    require_fresh_proof(core, administrator, form)
    with show_again(lambda error: form_page(request, "admin/observer_new.html", form, error)):
        observer_id = name.propose(
            core,
            by=administrator.account_id,
            organisation=form.text("organisation"),
            key=form.text("key"),
            last_day=form.text("last_day"),
            reason=form.text("reason"),
        )
    return RedirectResponse(f"/admin/observers/{observer_id}", 303)


@router.get("/{observer_id}")
def observer_form(
    request: Request, observer_id: ObserverId, administrator: AdministratorDep, core: CoreDep
) -> Response:
    """Show one with what it read and what can be decided."""
    return _observer_page(request, core, administrator, observer_id)


@router.post("/{observer_id}")
def observer_post(
    request: Request, form: PostedDep, observer_id: ObserverId, administrator: AdministratorDep, core: CoreDep
) -> Response:
    """Name it, refuse it, or end its right."""
    require_fresh_proof(core, administrator, form)
    by = administrator.account_id
    with show_again(lambda error: _observer_page(request, core, administrator, observer_id, form, error)):
        match form.text("decision"):
            case "agree":
                name.agree(core, by=by, observer_id=observer_id)
            case "end":
                name.end(core, by=by, observer_id=observer_id, reason=form.text("reason"))
            case _:
                name.refuse(core, by=by, observer_id=observer_id)
    return told(core.settings, f"/admin/observers/{observer_id}", "observer-changed")


def _observer_page(
    request: Request,
    core: Core,
    administrator: SignedIn,
    observer_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    observer = find_observer(core, observer_id)
    return form_page(
        request,
        "admin/observer.html",
        form,
        error,
        observer=observer,
        looks=list_looks(core, observer_id),
        own=observer.proposer_id == administrator.account_id,
        zone=core.pack.country.time_zone,
    )
