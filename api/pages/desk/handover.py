"""Hand over urgent cases: before leave one's own, as a supervisor those of a colleague who is away."""

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, SignedIn, UrgentOfficerDep
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, reach
from booking.platform.base.errors import FieldError, MawidError
from booking.scheduling.urgent.retention import hand_over, hands

router = APIRouter(prefix="/desk/handover")

QUEUE = "queue"


@router.get("")
def handover_form(request: Request, officer: UrgentOfficerDep, core: CoreDep) -> Response:
    """Ask whose cases to hand over, and to which colleague."""
    return _handover_page(request, core, officer)


@router.post("")
def handover_post(request: Request, form: PostedDep, officer: UrgentOfficerDep, core: CoreDep) -> Response:
    """Hand over all cases of one officer."""
    try:
        to = form.text("to")
        moved = hand_over(
            core,
            by=officer.account_id,
            held_by=_account("held_by", form.text("held_by") or str(officer.account_id)),
            to=None if to == QUEUE else _account("to", to),
            reason=form.text("reason"),
        )
    except MawidError as error:
        return _handover_page(request, core, officer, form, error)
    return _handover_page(request, core, officer, moved=moved)


def _handover_page(
    request: Request,
    core: Core,
    officer: SignedIn,
    form: Form | None = None,
    error: MawidError | None = None,
    *,
    moved: int | None = None,
) -> Response:
    everyone = hands(core, officer_id=officer.account_id)
    supervises = reach(officer.session.roles, Permission.APPROVE_SECOND) is not None
    return form_page(
        request,
        "desk/handover.html",
        form or as_form({"held_by": officer.account_id, "to": QUEUE}),
        error,
        everyone=everyone,
        mine=next((one.cases for one in everyone if one.account_id == officer.account_id), 0),
        supervises=supervises,
        own=officer.account_id,
        moved=moved,
    )


def _account(field: str, text: str) -> UUID:
    with suppress(ValueError):
        return UUID(text)
    raise FieldError(field, "choose_one")
