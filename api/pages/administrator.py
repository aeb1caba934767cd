"""What an administrator sees: is it healthy, and who did what."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AdministratorDep, AuditorDep, CoreDep
from api.health import checks
from api.pages.rendering import page
from booking.audit import BrokenChainError
from booking.queries import desk

router = APIRouter(prefix="/admin")


@router.get("")
def overview(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """Show health and the end of the audit log."""
    return page(
        request,
        "admin.html",
        checks=checks(core),
        entries=desk.audit_tail(core),
        verified=None,
        broken="",
        zone=core.pack.country.time_zone,
    )


@router.get("/audit")
def verify(request: Request, _auditor: AuditorDep, core: CoreDep) -> Response:
    """Check the whole audit log."""
    verified, broken = None, ""
    try:
        verified = desk.verify_audit(core)
    except BrokenChainError as error:
        broken = str(error)
    return page(
        request,
        "admin.html",
        checks=checks(core),
        entries=desk.audit_tail(core),
        verified=verified,
        broken=broken,
        zone=core.pack.country.time_zone,
    )
