"""A proposed change of a colleague's account: a second administrator confirms or refuses it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AdministratorDep, CoreDep, SignedIn
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import id_in_path
from api.pages.shared.show_again import show_again
from booking.country.catalogue.views import find_office
from booking.country.core.core import Core
from booking.people.staff.propose import confirm, refuse
from booking.people.staff.views import find_change, find_colleague
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/admin/staff/changes")

ChangeId = Annotated[UUID, id_in_path("change_id")]


@router.get("/{change_id}")
def change_form(request: Request, change_id: ChangeId, administrator: AdministratorDep, core: CoreDep) -> Response:
    """Show what is proposed, by whom and why."""
    return _change_page(request, core, administrator, change_id)


@router.post("/{change_id}")
def change_post(
    request: Request, form: PostedDep, change_id: ChangeId, administrator: AdministratorDep, core: CoreDep
) -> Response:
    """Make the change, or refuse it."""
    require_fresh_proof(core, administrator, form)
    by = administrator.account_id
    with show_again(lambda error: _change_page(request, core, administrator, change_id, form, error)):
        if form.text("decision") == "confirm":
            account_id = confirm(core, by=by, change_id=change_id)
            return told(core.settings, f"/admin/staff/{account_id}", "staff-changed")
        refuse(core, by=by, change_id=change_id)
    return told(core.settings, "/admin/staff", "staff-refused")


def _change_page(
    request: Request,
    core: Core,
    administrator: SignedIn,
    change_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    change = find_change(core, change_id)
    office, agency = (change.wanted.office_code, change.wanted.agency_code) if change.wanted else (None, None)
    return form_page(
        request,
        "admin/staff_change.html",
        form,
        error,
        change=change,
        now=find_colleague(core, change.account_id) if change.account_id else None,
        office=find_office(core, office) if office else None,
        agency=core.pack.agency(agency) if agency else None,
        own=change.proposer_id == administrator.account_id,
        over=change.wanted is None or core.clock.now() >= change.expires_at,
        zone=core.pack.country.time_zone,
    )
