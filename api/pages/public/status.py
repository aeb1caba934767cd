"""Where a request stands, for everyone who has its reference: for people who asked at a counter or with a helper."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OriginDep
from api.pages.shared.forms import PostedDep, form_page
from booking.desk.counter.ask_for import status
from booking.platform.base.errors import FieldError, MawidError, NotFoundError

router = APIRouter()


@router.get("/status")
def status_form(request: Request) -> Response:
    """Ask for the reference and the national number."""
    return form_page(request, "public/status.html", view=None)


@router.post("/status")
def status_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Show where the request stands. A form, not an address: numbers stay out of logs and histories."""
    try:
        view = status(
            core, reference=form.text("reference"), national_number=form.text("national_number"), origin=origin
        )
    except NotFoundError:
        return form_page(request, "public/status.html", form, FieldError("reference", "no_such_request"), view=None)
    except MawidError as error:
        return form_page(request, "public/status.html", form, error, view=None)
    return form_page(request, "public/status.html", view=view)
