"""How long a number still waits at an office, for everyone who has one."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.shared.answers import only_digits
from api.pages.shared.forms import form_page
from booking.desk.hall.views import public_hall, wait_of_number
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.fields import latin_digits

router = APIRouter()

LONGEST: Final = 4
"""Digits."""


@router.get("/wait/{office_code}")
def wait(request: Request, office_code: str, core: CoreDep, number: str = "") -> Response:
    """Ask for the number of a ticket or a check-in of today, and show how long it still waits. Numbers name nobody."""
    seen, found, error = public_hall(core, office_code), None, None
    typed = latin_digits(number.strip())
    if number:
        try:
            found = wait_of_number(seen, int(only_digits(typed, LONGEST) or 0))
        except NotFoundError:
            error = FieldError("number", "no_such_number")
    waiting = sum(one.there for one, _ in seen.line)
    return form_page(
        request,
        "public/hall_wait.html",
        None,
        error,
        hall=seen,
        wait=found,
        waiting=waiting,
        number=typed if found else "",
    )
