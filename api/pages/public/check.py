"""Anyone checks a document: by its QR code or its number, without signing in."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.deps import CoreDep, OriginDep
from api.pages.shared.forms import PostedDep, form_page
from booking.eservices.online.check import check_result, issuer_of, public_key_pem, revoked_numbers
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/check")

_CAMERA: Final = "camera=(self), geolocation=(), microphone=(), payment=()"
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


@router.get("")
def check_form(request: Request) -> Response:
    """Ask for the QR code or the number. What an address holds behind its # stays in the browser."""
    response = form_page(request, "public/check.html", checked=None)
    response.headers["Permissions-Policy"] = _CAMERA
    return response


@router.post("")
def check(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep) -> Response:
    """Say how a document stands."""
    try:
        checked = check_result(core, form.text("document"), origin=origin)
    except MawidError as error:
        return form_page(request, "public/check.html", form, error, checked=None)
    response = form_page(
        request,
        "public/check.html",
        {},
        checked=checked,
        agency=issuer_of(core, checked),
        zone=core.pack.country.time_zone,
    )
    response.headers["Permissions-Policy"] = _CAMERA
    return response


@router.get("/key.pem")
def key(core: CoreDep) -> Response:
    """Return the public key, for who checks without the network."""
    return PlainTextResponse(public_key_pem(core), headers=_OPEN)


@router.get("/revoked.json")
def revoked(core: CoreDep) -> Response:
    """List the numbers that were revoked before their time."""
    return JSONResponse(revoked_numbers(core), headers=_OPEN)
