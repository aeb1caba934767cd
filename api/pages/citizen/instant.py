"""Instant booking where places are spare: choose, hold for ten minutes, confirm."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.pages.citizen.ask.progress import Asking
from api.pages.citizen.free_times import chosen_day, free_by_day, strip
from api.pages.citizen.instant_visit import along, beside, chosen_before, read_also, units_of
from api.pages.shared.clocks import other_zone
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.rendering import page
from api.pages.shared.shown_since import seconds_open, shown_since
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import reason_rule
from booking.country.core.core import Core
from booking.country.places.views import OpenSlot
from booking.people.accounts.household import likely_people, list_members
from booking.people.reaching.recipients import own_zone
from booking.platform.base.errors import (
    FieldError,
    InvalidInputError,
    MawidError,
    NotFoundError,
    ReviewNeededError,
    VerdictError,
)
from booking.platform.models import Office, Service
from booking.platform.models.states import Door, RequestState
from booking.scheduling.appointments.reserve import hold
from booking.scheduling.requests.wish import Wish

router = APIRouter(prefix="/instant")


@router.get("")
def choose_service(request: Request, core: CoreDep) -> Response:
    """List the services that can be booked at once somewhere, through each door, with the offices that are first."""
    doors = []
    for door in Door:
        services = catalogue.list_appointment_services(core, door)
        spare = catalogue.spare_offices(core, door=door, units={one.units for one in services})
        doors.append((door.value, [(one, spare[one.units]) for one in services if spare[one.units]]))
    return page(request, "citizen/instant.html", doors=doors)


@router.get("/{door}/{service_code}")
def choose_office(request: Request, door: Door, service_code: str, core: CoreDep) -> Response:
    """List the offices with free times for a service."""
    service = _service(core, door, service_code)
    spare = catalogue.spare_offices(core, door=door, units=[service.units])[service.units]
    return page(request, "citizen/instant_offices.html", service=service, spare=spare, door=door.value)


@router.get("/{door}/{service_code}/{office_code}")
def choose_time(
    *,
    request: Request,
    door: Door,
    service_code: str,
    office_code: str,
    account: AccountDep,
    core: CoreDep,
) -> Response:
    """Ask who comes, for what, and when.

    ``again`` in the address is a request whose people and services are chosen already. All that was chosen comes along
    where somebody looks at another ``day``; and ``shown``, as they have been here for longer than that page.
    """
    service, office = _service(core, door, service_code), _office(core, door, office_code)
    typed = chosen_before(request, core, account.account_id)
    return _time_page(request, core, account, service, office, typed=typed)


@router.post("/{door}/{service_code}/{office_code}")
def hold_time(
    *,
    request: Request,
    door: Door,
    service_code: str,
    office_code: str,
    form: PostedDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Hold the time; the key in the form makes a second click the same hold."""
    service, office = _service(core, door, service_code), _office(core, door, office_code)
    if form.text("look"):
        kept = {"day": form.text("day"), **along(form)}
        return RedirectResponse(f"{request.url.path}?{urlencode(kept, doseq=True)}", 303)
    slots, people = form.numbers("slot"), form.numbers("people")
    errors: list[FieldError] = []
    also = read_also(form, beside(core, service, door), errors)
    if not people:
        errors.append(FieldError("people", "nobody"))
    if not slots:
        errors.append(FieldError("slot", "choose_one"))
    if errors:
        return _time_page(request, core, account, service, office, typed=form, error=InvalidInputError(errors))
    wish = Wish(
        service=service.code,
        people=tuple(people),
        offices=(office.code,),
        bands=frozenset(),
        door=door,
        reason=form.text("reason") or None,
        also=also,
    )
    try:
        held = hold(
            core,
            account_id=account.account_id,
            slot_id=slots[0],
            wish=wish,
            origin=replace(origin, seconds=seconds_open(core, account.account_id, form.text("shown"))),
            idempotency_key=form.text("key")[:80] or secrets.token_urlsafe(16),
        )
    except MawidError as error:
        return _time_page(request, core, account, service, office, typed=form, error=error)
    checked_first = held.state is RequestState.CHALLENGED
    return RedirectResponse(f"/requests/{held.request}" if checked_first else f"/appointments/{held.reference}", 303)


@router.get("/{door}/{service_code}/{office_code}/draw")
def draw_form(door: Door, service_code: str, office_code: str, _account: AccountDep) -> Response:
    """Lead to the page that has the button."""
    return RedirectResponse(f"/instant/{door.value}/{quote(service_code)}/{quote(office_code)}", 303)


@router.post("/{door}/{service_code}/{office_code}/draw")
def ask_instead(
    *,
    request: Request,
    door: Door,
    service_code: str,
    office_code: str,
    form: PostedDep,
    account: AccountDep,
    core: CoreDep,
) -> Response:
    """Take the answers along into the draw, where an officer looks at the request first; days and times are next.

    They replace those of a request that was begun, as the page with the button says.
    """
    service, office = _service(core, door, service_code), _office(core, door, office_code)
    ours = {member.id for member in list_members(core, account_id=account.account_id)}
    people = [one for one in form.numbers("people") if one in ours]
    more = [
        {"service": one.service, "people": [who for who in one.people if who in ours], "reason": one.reason or ""}
        for one in read_also(form, beside(core, service, door), [])
    ]
    asking = Asking(request, core, account, door)
    asking.keep(
        service=service.code,
        people=people,
        also=[one for one in more if one["people"]],
        offices=[office.code],
        home={},
        reason=form.text("reason"),
    )
    return asking.on("where" if people else "people")


def _time_page(
    request: Request,
    core: Core,
    account: AccountDep,
    service: Service,
    office: Office,
    *,
    typed: Mapping[str, Any] | Form,
    error: MawidError | None = None,
) -> Response:
    words, members = words_of(request), list_members(core, account_id=account.account_id)
    form = typed if isinstance(typed, Form) else as_form(typed)
    if not isinstance(typed, Form) and not form.every("people"):
        likely = likely_people(core, account_id=account.account_id, members=members)
        form = Form({**form.fields, "people": [str(one) for one in likely]})
    more = beside(core, service, office.door)

    def by_units(units: int) -> dict[date, list[OpenSlot]]:
        return free_by_day(core, door=office.door, office=office, units=units)

    for_all = by_units(units_of(form, service, more))
    by_day = for_all or by_units(service.units)
    own = own_zone(core, account.account_id)
    day = chosen_day(by_day, form.text("day"))
    shown = shown_since(core, account.account_id, form.text("shown"))
    by_officer = isinstance(error, ReviewNeededError)
    return form_page(
        request,
        "citizen/instant_time.html",
        form,
        error,
        service=service,
        office=office,
        strip=strip(words, by_day, day, {**along(form), "shown": shown}),
        beside=more,
        unit_minutes=core.pack.country.unit_minutes,
        too_long=not for_all,
        day=day,
        times=[(slot, other_zone(slot.starts_at, office, own)) for slot in (by_day[day] if day else ())],
        members=members,
        needs_reason=reason_rule(service),
        key=secrets.token_urlsafe(16),
        shown=shown,
        minutes=int(core.settings.hold_lifetime / timedelta(minutes=1)),
        reasons=error.reasons if isinstance(error, VerdictError) else [],
        by_officer=by_officer,
        begun=Asking(request, core, account, office.door).service if by_officer else None,
    )


def _service(core: Core, door: Door, code: str) -> Service:
    service = catalogue.find_appointment_service(core, code)
    if not service.is_for(door):
        raise NotFoundError
    return service


def _office(core: Core, door: Door, code: str) -> Office:
    office = catalogue.find_office(core, code)
    if office.door is not door:
        raise NotFoundError
    return office
