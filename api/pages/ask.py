"""Ask for an appointment: one question a page, twice the same way: ``/ask`` at home, ``/abroad`` from abroad."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep
from api.pages import drafts
from api.pages.answers import read_day, reason_rule, residence_of, week_of, wish_of
from api.pages.forms import PostedDep, form_page
from api.pages.rendering import page
from booking.core import Core
from booking.errors import FieldError, InvalidInputError, MawidError, NotFoundError
from booking.models import Office, Service
from booking.queries import directory
from booking.services.ask import ask
from booking.services.household import list_members
from booking.states import Door

router = APIRouter()

RANKS: Final = ("first", "second", "third")
STEP_OF_FIELD: Final = {
    "service": "service",
    "people": "people",
    "reason": "reason",
    "offices": "offices",
    "weekdays": "when",
    "bands": "when",
    "first_day": "dates",
    "last_day": "dates",
    "needed_by": "dates",
}


class Asking:
    """A request in progress: its door, its address, and the answers so far."""

    def __init__(self, request: Request, core: Core, account: AccountDep) -> None:
        self.abroad = request.url.path.startswith("/abroad")
        self.door = Door.ABROAD if self.abroad else Door.HOME
        self.base = "/abroad" if self.abroad else "/ask"
        self.core, self.account_id = core, account.account_id
        self.draft = drafts.read_draft(core, self.account_id, self.door)

    def keep(self, **steps: Any) -> None:
        """Keep one step's answers."""
        if "started" not in self.draft:
            steps["started"] = self.core.clock.now().isoformat()
        drafts.keep_step(self.core, self.account_id, self.door, **steps)
        self.draft.update(steps)

    @property
    def service(self) -> Service | None:
        """The chosen service, if it still exists."""
        try:
            return directory.find_service(self.core, self.draft["service"]) if "service" in self.draft else None
        except NotFoundError:
            return None

    def on(self, step: str) -> Response:
        """Go to a step."""
        return RedirectResponse(f"{self.base}/{step}", 303)

    def missing(self, *, before: str) -> Response | None:
        """Lead to the first question that has no answer yet; None when the step ``before`` may be shown."""
        service = self.service
        for step in ("service", "people", "reason", "offices", "when", "dates"):
            if step == before:
                return None
            if step == "reason" and (service is None or reason_rule(service) == "never"):
                continue
            if (service is None) if step == "service" else step not in self.draft:
                return self.on(step)
        return None


def _context(asking: Asking, step: str) -> dict[str, Any]:
    return {"base": asking.base, "abroad": asking.abroad, "step": step}


@router.get("/service")
def service_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask which service."""
    asking = Asking(request, core, account)
    return _service_page(request, asking, {"service": asking.draft.get("service")})


@router.post("/service")
def service_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the service."""
    asking = Asking(request, core, account)
    if form.text("service") not in {one.code for one in directory.list_services(core, asking.door)}:
        return _service_page(request, asking, form, FieldError("service", "choose_one"))
    asking.keep(service=form.text("service"))
    return asking.on("needs")


def _service_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    services = directory.list_services(asking.core, asking.door)
    return form_page(request, "ask_service.html", typed, error, services=services, **_context(asking, "service"))


@router.get("/needs")
def needs(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show what the service needs before anyone goes on."""
    asking = Asking(request, core, account)
    service = asking.service
    if service is None:
        return asking.on("service")
    return page(
        request,
        "ask_needs.html",
        service=service,
        minutes=service.units * core.pack.country.unit_minutes,
        residence=residence_of(asking.door),
        **_context(asking, "needs"),
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
    most = _largest_party(asking)
    if not chosen:
        return _people_page(request, asking, form, FieldError("people", "nobody"))
    if len(chosen) > most:
        return _people_page(request, asking, form, FieldError("people", "too_many_people", most=most))
    asking.keep(people=chosen)
    service = asking.service
    return asking.on("offices" if service is None or reason_rule(service) == "never" else "reason")


def _people_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "ask_people.html",
        typed,
        error,
        members=list_members(asking.core, account_id=asking.account_id),
        most=_largest_party(asking),
        **_context(asking, "people"),
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
    return form_page(request, "ask_reason.html", typed, error, service=service, **_context(asking, "reason"))


@router.get("/offices")
def offices_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for up to three offices, best first."""
    asking = Asking(request, core, account)
    chosen = asking.draft.get("offices", [])
    return asking.missing(before="offices") or _offices_page(request, asking, dict(zip(RANKS, chosen, strict=False)))


@router.post("/offices")
def offices_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the offices in their order; an empty choice between two others is skipped."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="offices")) is not None:
        return elsewhere
    chosen = [form.text(rank) for rank in RANKS if form.text(rank)]
    open_ones = {office.code for office in directory.list_offices(core, asking.door)}
    if not chosen:
        return _offices_page(request, asking, form, FieldError("first", "no_office"))
    if len(set(chosen)) != len(chosen):
        return _offices_page(request, asking, form, FieldError("second", "same_office_twice"))
    if not open_ones.issuperset(chosen):
        return _offices_page(request, asking, form, FieldError("first", "unknown_office"))
    asking.keep(offices=chosen)
    return asking.on("when")


def _offices_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    groups: dict[str, list[Office]] = {}
    for office in directory.list_offices(asking.core, asking.door):
        groups.setdefault(office.region_code, []).append(office)
    return form_page(
        request,
        "ask_offices.html",
        typed,
        error,
        groups=list(groups.values()),
        ranks=RANKS,
        **_context(asking, "offices"),
    )


@router.get("/when")
def when_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for weekdays and times of day; all are ticked at first, so that a tired person loses nothing."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="when")) is not None:
        return elsewhere
    everything = {"weekdays": _open_weekdays(asking), "bands": [band.code for band in core.pack.country.bands]}
    return _when_page(request, asking, asking.draft.get("when", everything))


@router.post("/when")
def when_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the days and times."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="when")) is not None:
        return elsewhere
    weekdays = [day for day in form.numbers("weekdays") if day in range(7)]
    known = [band.code for band in core.pack.country.bands]
    bands = [band for band in known if band in form.every("bands")]
    errors = []
    if not weekdays:
        errors.append(FieldError("weekdays", "no_weekday"))
    if not bands:
        errors.append(FieldError("bands", "no_band"))
    if errors:
        return _when_page(request, asking, form, InvalidInputError(errors))
    asking.keep(when={"weekdays": weekdays, "bands": bands})
    return asking.on("dates")


def _when_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "ask_when.html",
        typed,
        error,
        weekdays=_open_weekdays(asking),
        bands=asking.core.pack.country.bands,
        offices=_chosen_offices(asking),
        **_context(asking, "when"),
    )


def _chosen_offices(asking: Asking) -> list[Office]:
    by_code = {office.code: office for office in directory.list_offices(asking.core, asking.door)}
    return [by_code[code] for code in asking.draft.get("offices", []) if code in by_code]


def _open_weekdays(asking: Asking) -> list[int]:
    return week_of(_chosen_offices(asking))


@router.get("/dates")
def dates_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for dates and access, all of them optional."""
    asking = Asking(request, core, account)
    return asking.missing(before="dates") or _dates_page(request, asking, asking.draft.get("dates", {}))


@router.post("/dates")
def dates_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the dates."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="dates")) is not None:
        return elsewhere
    days: dict[str, str | None] = {}
    errors: list[FieldError] = []
    for name in ("needed_by", "first_day", "last_day"):
        try:
            day = read_day(name, form.text(name))
        except FieldError as error:
            errors.append(error)
        else:
            days[name] = day.isoformat() if day else None
    if errors:
        return _dates_page(request, asking, form, InvalidInputError(errors))
    asking.keep(dates={**days, "accessible": "yes" if form.text("accessible") == "yes" else None})
    return asking.on("review")


def _dates_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    today = asking.core.clock.now().date()
    return form_page(request, "ask_dates.html", typed, error, today=today.isoformat(), **_context(asking, "dates"))


@router.get("/review")
def review_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show all answers before they are sent."""
    asking = Asking(request, core, account)
    return asking.missing(before="review") or _review_page(request, asking, secrets.token_urlsafe(16))


@router.post("/review")
def review_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Send the request; the key in the form makes a second click the same request."""
    asking = Asking(request, core, account)
    key = form.text("key")[:80] or secrets.token_urlsafe(16)
    if (reference := drafts.sent_as(core, account.account_id, asking.door, key)) is not None:
        return RedirectResponse(f"/requests/{reference}", 303)
    if (elsewhere := asking.missing(before="review")) is not None:
        return elsewhere
    try:
        asked = ask(
            core,
            account_id=account.account_id,
            wish=wish_of(asking.draft, asking.door),
            origin=replace(origin, seconds=_seconds(asking, core.clock.now())),
            idempotency_key=key,
        )
    except MawidError as error:
        return _review_page(request, asking, secrets.token_urlsafe(16), error)
    drafts.finish(core, account.account_id, asking.door, form_key=key, reference=asked.reference)
    return RedirectResponse(f"/requests/{asked.reference}?new=1", 303)


def _review_page(request: Request, asking: Asking, key: str, error: MawidError | None = None) -> Response:
    service = asking.service
    if service is None:
        return asking.on("service")
    chosen = asking.draft["people"]
    wish = wish_of(asking.draft, asking.door)
    return form_page(
        request,
        "ask_review.html",
        {},
        error,
        key=key,
        service=service,
        people=[m for m in list_members(asking.core, account_id=asking.account_id) if m.id in chosen],
        reason=next((r for r in service.spec["reasons"] if r["code"] == wish.reason), None),
        needs_reason=reason_rule(service) != "never",
        offices=_chosen_offices(asking),
        weekdays=[day for day in _open_weekdays(asking) if day in wish.weekdays],
        bands=[band for band in asking.core.pack.country.bands if band.code in wish.bands],
        wish=wish,
        draw=directory.coming_draw(asking.core),
        zone=asking.core.pack.country.time_zone,
        anchors={field: f"{asking.base}/{step}" for field, step in STEP_OF_FIELD.items()},
        **_context(asking, "review"),
    )


def _seconds(asking: Asking, now: datetime) -> float:
    started = datetime.fromisoformat(asking.draft["started"])
    return (now - started).total_seconds()
