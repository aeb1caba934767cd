"""Did they get our message? What became of the notices about one request, for staff."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OfficerDep
from api.pages.shared.forms import form_page
from booking.people.reaching.views import look_at_messages
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError

router = APIRouter(prefix="/desk/messages")


@router.get("")
def messages(request: Request, officer: OfficerDep, core: CoreDep, reference: str = "") -> Response:
    """Ask for a reference, or show the notices about its request."""
    log, error, zone = None, None, core.pack.country.time_zone
    if reference:
        try:
            log = look_at_messages(core, officer_id=officer.account_id, reference=reference)
        except NotFoundError:
            error = InvalidInputError([FieldError("reference", "no_request")])
        except InvalidInputError as wrong:
            error = wrong
    return form_page(request, "desk/messages.html", {"reference": reference}, error, log=log, zone=zone)
