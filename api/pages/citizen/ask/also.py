"""A page beside the way: what else the same visit is for, and who of the household comes for it."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.citizen.ask.progress import Asking
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from api.pages.shared.wish_form import read_reason
from booking.country.catalogue.views import reason_rule
from booking.people.accounts.household import list_members
from booking.platform.base.errors import FieldError, MawidError
from booking.platform.base.fields import noted, raise_all

router = APIRouter()

ANCHORS = {"also": "#service"}


@router.get("/also")
def also_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask what else the same visit is for; say how long all of it takes."""
    asking = Asking(request, core, account)
    return asking.missing(before="also") or _also_page(request, asking, {})


@router.post("/also")
def also_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Add a service, or take one off, and show what the visit is for then."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="also")) is not None:
        return elsewhere
    kept = asking.draft.get("also", [])
    if form.text("remove"):
        asking.keep(also=[one for one in kept if one["service"] != form.text("remove")])
        return asking.on("also")
    with show_again(lambda error: _also_page(request, asking, form, error)):
        more = _read(asking, form)
        others = [one for one in kept if one["service"] != more["service"]]
        asking.check("also", "people", also=[*others, more])
    asking.keep(also=[*others, more])
    return asking.on("also")


def _read(asking: Asking, form: Form) -> dict[str, Any]:
    """Read one more service; raises InvalidInputError with all that is wrong."""
    ours = {member.id for member in list_members(asking.core, account_id=asking.account_id)}
    people = [one for one in form.numbers("people") if one in ours]
    service = next((one for one in asking.further if one.code == form.text("service")), None)
    errors = [] if people else [FieldError("people", "nobody")]
    reason = ""
    if service is None:
        errors.append(FieldError("service", "choose_one"))
    else:
        with noted(errors):
            of, _, typed = form.text("reason").partition(":")  # it names its service too
            reason = read_reason(service, typed if of == service.code else "")
    raise_all(errors)
    return {"service": form.text("service"), "people": people, "reason": reason}


def _also_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    members, further = list_members(asking.core, account_id=asking.account_id), asking.further
    visit, minutes = asking.visit(members), asking.core.pack.country.unit_minutes
    fits = len(visit) < asking.limits.services
    return form_page(
        request,
        "citizen/ask/also.html",
        typed,
        error,
        visit=visit,
        minutes=minutes,
        total=minutes * sum(one.service.units * len(one.people) for one in visit),
        services=[one for one in further if fits and one.code not in {wanted.service.code for wanted in visit}],
        reasoned=[one for one in further if reason_rule(one) != "never" and len(one.spec["reasons"]) > 1],
        members=members,
        onward="review" if asking.missing(before="review") is None else "where",
        anchors=ANCHORS,
        **asking.context("people"),
    )
