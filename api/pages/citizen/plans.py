"""My plan: everything that a service needs first, with dates; all that can be started is started at once."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.pages.citizen.ask.where import RANKS
from api.pages.shared.answers import read_day
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.keeping import PLAN_KEPT_FOR, let_keep
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.packs.fields import Code
from booking.desk.plans.start import Where, start_plan, to_ask_for, to_begin
from booking.desk.plans.views import PlanView, Step, plan_view
from booking.people.accounts.household import list_members
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import FieldError, MawidError
from booking.platform.models import Office, Service
from booking.platform.models.states import Door

router = APIRouter()


@router.get("/plan")
def choose(request: Request, account: AccountDep, core: CoreDep, service: str = "", person: int = 0) -> Response:
    """Ask what the plan is for, and who it is for."""
    if service and person:
        return RedirectResponse(f"/plan/{catalogue.find_service(core, service).code}?person={person}", 303)
    return form_page(
        request,
        "citizen/plan_choose.html",
        {"service": service, "person": person},
        services=_goals(core, account.session.door),
        members=list_members(core, account_id=account.account_id),
    )


@router.get("/plan/{goal}")
def show(
    *, request: Request, goal: Code, account: AccountDep, core: CoreDep, person: int = 0, day: str = ""
) -> Response:
    """Show the plan of one person."""
    members = list_members(core, account_id=account.account_id)
    if not members:
        return RedirectResponse(f"/household/add?next=/plan/{goal}", 303)
    wished, error = None, None
    try:
        wished = read_day("day", day)
    except FieldError as unreadable:
        error = unreadable
    view = plan_view(
        core,
        account_id=account.account_id,
        goal=goal,
        member_id=person or members[0].id,
        day=wished,
        answers=_answers(request.query_params),
    )
    response = _plan_page(request, core, view, {"day": day}, error)
    let_keep(response, account, PLAN_KEPT_FOR)
    return response


@router.post("/plan/{goal}")
def start(
    *, request: Request, goal: Code, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Start every part that can be started; the key in the form makes a second click the same start."""
    person = form.number("person")
    answers = _answers({name: form.text(name) for name in form.fields})
    try:
        start_plan(
            core,
            account_id=account.account_id,
            goal=goal,
            member_id=person,
            where=Where(
                offices=tuple(form.text(rank) for rank in RANKS if form.text(rank)),
                bands=frozenset(band.code for band in core.pack.country.bands),
                accessible=form.text("accessible") == "yes",
            ),
            origin=origin,
            answers=answers,
            idempotency_key=form.text("key")[:80] or secrets.token_urlsafe(16),
        )
    except IdentityLevelError:
        raise
    except MawidError as error:
        view = plan_view(core, account_id=account.account_id, goal=goal, member_id=person, answers=answers)
        return _plan_page(request, core, view, form, error)
    return RedirectResponse(f"/plan/{goal}?{urlencode({'person': person} | answers)}", 303)


def _answers(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to the plan's questions: fields that are called "service.field"."""
    return {name: value for name, value in fields.items() if "." in name and value}


def _plan_page(request: Request, core: Core, view: PlanView, typed: Any, error: MawidError | None) -> Response:
    to_start = to_ask_for(view)
    return form_page(
        request,
        "citizen/plan.html",
        typed,
        error,
        view=view,
        members=list_members(core, account_id=view.member.account_id),
        person=view.member.id,
        key=secrets.token_urlsafe(16),
        to_start=to_start,
        to_begin=to_begin(view),
        shown=[line for line in view.lines if line.step is not Step.NOT_NEEDED],
        not_needed=[line for line in view.lines if line.step is Step.NOT_NEEDED],
        ranks=RANKS,
        abroad=view.door is Door.ABROAD,
        groups=_offices(core, view.door) if to_start else [],
        mine=[],
        lives_in="",
        branches=[],
        anchors={"offices": "#first"},
        kept_at=words_of(request).instant(core.clock.now(), core.pack.country.time_zone),
    )


def _goals(core: Core, door: Door) -> list[Service]:
    """Return what a plan can be for: services with appointments, and those that need others first."""
    return [one for one in catalogue.list_services(core, door) if one.at_an_office or one.spec.get("prerequisites")]


def _offices(core: Core, door: Door) -> list[list[Office]]:
    groups: dict[str, list[Office]] = {}
    for office in catalogue.list_offices(core, door):
        groups.setdefault(office.region_code, []).append(office)
    return list(groups.values())
