"""Carrying in a random number that draws wait for, for administrators: where the office has no network."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AdministratorDep, CoreDep
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.show_again import show_again
from booking.scheduling.draws.beacon import bring_value

router = APIRouter(prefix="/admin/beacon")


@router.get("")
def beacon_form(request: Request, _administrator: AdministratorDep) -> Response:
    """Ask for a round of drand, or for the part of a witness."""
    return form_page(request, "admin/beacon.html", brought=None)


@router.post("")
def beacon_post(request: Request, form: PostedDep, administrator: AdministratorDep, core: CoreDep) -> Response:
    """Keep the value if it is the right one."""
    require_fresh_proof(core, administrator, form)
    with show_again(lambda error: form_page(request, "admin/beacon.html", form, error, brought=None)):
        new = bring_value(core, by=administrator.account_id, number=form.text("round"), content=form.text("content"))
    return form_page(request, "admin/beacon.html", brought="new" if new else "known")
