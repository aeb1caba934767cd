"""The first page: who comes, why, and what each of them brings."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep
from api.pages.citizen.ask.progress import Asking
from api.pages.shared.answers import residence_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.districts import countries_served
from booking.country.catalogue.views import reason_rule
from booking.people.accounts.household import likely_people, list_members
from booking.platform.base.errors import FieldError, MawidError
from booking.platform.base.fields import noted, raise_all
from booking.platform.models import Service

router = APIRouter()


@router.get("/begin/{service_code}")
def begin(request: Request, service_code: str, account: AccountDep, core: CoreDep, country: str = "") -> Response:
    """Remember the chosen service and, from abroad, where the person lives; then ask who comes."""
    asking = Asking(request, core, account)
    if service_code not in {one.code for one in catalogue.list_appointment_services(core, asking.door)}:
        return RedirectResponse(asking.base, 303)
    chosen: dict[str, Any] = {"service": service_code}
    if service_code != asking.draft.get("service"):
        chosen |= {"reason": None, "also": []}
    if asking.abroad and country in countries_served(core):
        chosen["country"] = country
    asking.keep(**chosen)
    return asking.on("people")


@router.get("/people")
def people_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask who comes and, where the service needs a reason or may need one, why."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="people")) is not None:
        return elsewhere
    members = list_members(core, account_id=account.account_id)
    people = asking.draft.get("people")
    if people is None:
        people = likely_people(core, account_id=account.account_id, members=members)
    return _people_page(request, asking, {"people": people, "reason": asking.draft.get("reason")})


@router.post("/people")
def people_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep who comes and why; only people of this household can be chosen."""
    asking = Asking(request, core, account)
    service = asking.service
    if (elsewhere := asking.missing(before="people")) is not None or service is None:
        return elsewhere or RedirectResponse(asking.base, 303)
    ours = {member.id for member in list_members(core, account_id=account.account_id)}
    chosen = [one for one in form.numbers("people") if one in ours]
    reason, errors = "", list[FieldError]()
    with show_again(lambda error: _people_page(request, asking, form, error)):
        if not chosen:
            errors.append(FieldError("people", "nobody"))
        with noted(errors):
            reason = _read_reason(service, form)
        raise_all(errors)
        asking.check("people", people=chosen)
    asking.keep(people=chosen, reason=reason)
    return asking.on("also" if form.text("more") == "yes" else "where")


def _read_reason(service: Service, form: Form) -> str:
    """Read the reason, "" where none is needed; raises FieldError."""
    rule = reason_rule(service)
    if rule == "never":
        return ""
    known = {reason["code"] for reason in service.spec["reasons"]}
    allowed = known if rule == "always" else known | {""}
    if not form.every("reason") or form.text("reason") not in allowed:
        raise FieldError("reason", "choose_one")
    return form.text("reason")


def _people_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    service = asking.service
    if service is None:
        return RedirectResponse(asking.base, 303)
    return form_page(
        request,
        "citizen/ask/people.html",
        typed,
        error,
        service=service,
        needs_reason=reason_rule(service),
        residence=residence_of(asking.door),
        minutes=service.units * asking.core.pack.country.unit_minutes,
        members=list_members(asking.core, account_id=asking.account_id),
        further=asking.further,
        more=len(asking.draft.get("also", ())),
        most=min(asking.limits.party, int(service.spec["max_party"])),
        **asking.context("people"),
    )
