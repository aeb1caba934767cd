"""The first questions: which service, what it needs, who comes, and why."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.citizen.ask.progress import Asking
from api.pages.shared.answers import reason_rule, residence_of
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.rendering import page
from booking.accounts.household import list_members
from booking.base.errors import FieldError, MawidError
from booking.catalogue import views as catalogue
from booking.catalogue.districts import countries_served
from booking.identity.errors import IdentityLevelError

router = APIRouter()


@router.get("/service")
def service_form(request: Request, account: AccountDep, core: CoreDep, country: str = "") -> Response:
    """Ask which service; from abroad, remember where the person lives."""
    asking = Asking(request, core, account)
    if asking.abroad and country in countries_served(core):
        asking.keep(country=country)
    return _service_page(request, asking, {"service": asking.draft.get("service")})


@router.post("/service")
def service_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the service."""
    asking = Asking(request, core, account)
    if form.text("service") not in {one.code for one in catalogue.list_appointment_services(core, asking.door)}:
        return _service_page(request, asking, form, FieldError("service", "choose_one"))
    asking.keep(service=form.text("service"))
    return asking.on("needs")


def _service_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    services = catalogue.list_appointment_services(asking.core, asking.door)
    return form_page(request, "citizen/ask/service.html", typed, error, services=services, **asking.context("service"))


@router.get("/needs")
def needs(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show what the service needs before anyone goes on."""
    asking = Asking(request, core, account)
    service = asking.service
    if service is None:
        return asking.on("service")
    return page(
        request,
        "citizen/ask/needs.html",
        service=service,
        minutes=service.units * core.pack.country.unit_minutes,
        residence=residence_of(asking.door),
        **asking.context("needs"),
    )


@router.get("/people")
def people_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask who comes."""
    asking = Asking(request, core, account)
    return asking.missing(before="people") or _people_page(request, asking, {"people": asking.draft.get("people", [])})


@router.post("/people")
def people_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep who comes; only people of this household can be chosen."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="people")) is not None:
        return elsewhere
    ours = {member.id for member in list_members(core, account_id=account.account_id)}
    chosen = [one for one in form.numbers("people") if one in ours]
    try:
        asking.check("people", people=chosen)
    except IdentityLevelError:
        raise
    except MawidError as error:
        return _people_page(request, asking, form, error)
    asking.keep(people=chosen)
    service = asking.service
    return asking.on("offices" if service is None or reason_rule(service) == "never" else "reason")


def _people_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "citizen/ask/people.html",
        typed,
        error,
        members=list_members(asking.core, account_id=asking.account_id),
        most=_largest_party(asking),
        **asking.context("people"),
    )


def _largest_party(asking: Asking) -> int:
    service = asking.service
    most = asking.core.pack.quotas.limits.party
    return min(most, int(service.spec["max_party"])) if service else most


@router.get("/reason")
def reason_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask why, where the service needs a reason or may need one."""
    asking = Asking(request, core, account)
    return asking.missing(before="reason") or _reason_page(request, asking, {"reason": asking.draft.get("reason")})


@router.post("/reason")
def reason_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the reason; "" says that none is needed."""
    asking = Asking(request, core, account)
    service = asking.service
    if (elsewhere := asking.missing(before="reason")) is not None or service is None:
        return elsewhere or asking.on("service")
    known = {reason["code"] for reason in service.spec["reasons"]}
    allowed = known if reason_rule(service) == "always" else known | {""}
    if not form.every("reason") or form.text("reason") not in allowed:
        return _reason_page(request, asking, form, FieldError("reason", "choose_one"))
    asking.keep(reason=form.text("reason"))
    return asking.on("offices")


def _reason_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    service = asking.service
    if service is None or reason_rule(service) == "never":
        return asking.on("offices")
    return form_page(request, "citizen/ask/reason.html", typed, error, service=service, **asking.context("reason"))
