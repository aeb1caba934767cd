"""The short addresses of text messages: each leads to a page, which asks who is there, and tells nobody what exists."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from booking.people.reaching.notice_text import SHORT
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference

router = APIRouter()


@router.get("/r/{reference}")
def request_link(reference: str) -> RedirectResponse:
    """Lead to a request."""
    return _lead("r", reference)


@router.get("/a/{reference}")
def appointment_link(reference: str) -> RedirectResponse:
    """Lead to an appointment."""
    return _lead("a", reference)


@router.get("/c/{reference}")
def case_link(reference: str) -> RedirectResponse:
    """Lead to an online request."""
    return _lead("c", reference)


def _lead(letter: str, reference: str) -> RedirectResponse:
    try:
        return RedirectResponse(f"/{SHORT[letter]}/{read_reference(reference)}", 303)
    except FieldError:
        raise NotFoundError from None
