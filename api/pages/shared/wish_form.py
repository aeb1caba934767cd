"""A whole wish on one page, for those who ask for people all day: helpers and clerks."""

from typing import Any, Final

from api.pages.shared.answers import read_day, residence_of
from api.pages.shared.forms import Form
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import reason_rule, week_of
from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.fields import noted
from booking.platform.models import Office, Service
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import Also, Wish, wish_limits

RANKS: Final = ("first", "second", "third")
ANCHORS: Final = {"offices": "#first", "service": "#first"}


def chosen_service(core: Core, code: str, door: Door) -> Service | None:
    """Return a service with appointments behind a door; None where none is chosen or it is not there."""
    return next((one for one in catalogue.list_appointment_services(core, door) if one.code == code), None)


def read_wish(core: Core, form: Form, *, service: Service, door: Door) -> Wish:
    """Read the form to a wish of nobody yet; raises InvalidInputError with all that is wrong with it."""
    errors: list[FieldError] = []
    offices = tuple(form.text(rank) for rank in RANKS if form.text(rank))
    if not offices:
        errors.append(FieldError("first", "no_office"))
    if len(set(offices)) != len(offices):
        errors.append(FieldError("second", "same_office_twice"))
    reasons = {reason["code"] for reason in service.spec["reasons"]}
    if form.text("reason") not in reasons and (form.text("reason") or reason_rule(service) == "always"):
        errors.append(FieldError("reason", "choose_one"))
    also = []
    for one in _beside(core, service, door):  # whatever a policy allows by now: the wish is refused by name
        if one.code in form.every("also"):
            with noted(errors):
                reason = read_reason(one, form.text(f"reason_{one.code}"), f"reason_{one.code}")
                also.append(Also(one.code, (), reason or None))
    needed_by = None
    try:
        needed_by = read_day("needed_by", form.text("needed_by"))
    except FieldError as error:
        errors.append(error)
    weekdays = frozenset(day for day in form.numbers("weekdays") if day in range(7))
    bands = frozenset(band.code for band in core.pack.country.bands if band.code in form.every("bands"))
    if not weekdays:
        errors.append(FieldError("weekdays", "no_weekday"))
    if not bands:
        errors.append(FieldError("bands", "no_band"))
    if errors:
        raise InvalidInputError(errors)
    return Wish(
        service=service.code,
        people=(),
        offices=offices,
        bands=bands,
        door=door,
        weekdays=weekdays,
        needed_by=needed_by,
        accessible=form.text("accessible") == "yes",
        reason=form.text("reason") or None,
        also=tuple(also),
    )


def other_services(core: Core, chosen: str | None, door: Door, limits: LimitSpec) -> list[Service]:
    """Return what people of a door can have on the same visit besides the chosen service, by the policy."""
    if limits.services == 1:
        return []
    return [one for one in catalogue.list_appointment_services(core, door) if one.code != chosen]


def further_services(core: Core, service: Service, door: Door) -> list[Service]:
    """Return what one person can come for on the same visit, by the active policy; see `_beside`."""
    return _beside(core, service, door) if wish_limits(core).services > 1 else []


def _beside(core: Core, service: Service, door: Door) -> list[Service]:
    """Return what fits one person's visit beside a service: of another group, and both within a slot's time."""
    left = core.pack.country.units_per_slot - service.units
    return [
        one
        for one in catalogue.list_appointment_services(core, door)
        if one.exclusive_group != service.exclusive_group and one.units <= left
    ]


def read_reason(service: Service, typed: str, name: str = "reason") -> str:
    """Return the reason, "" for none; the only one of a service needs no choice.

    Raises
    ------
    FieldError
        It needs one, and what was typed is none of its own.
    """
    rule, known = reason_rule(service), [reason["code"] for reason in service.spec["reasons"]]
    if rule == "never":
        return ""
    if typed in known:
        return typed
    if rule == "always" and len(known) > 1:
        raise FieldError(name, "choose_one")
    return known[0] if rule == "always" else ""


def untouched(core: Core, *, office: Office, door: Door) -> dict[str, Any]:
    """Return the answers that a fresh form shows: the office at hand, and any day and time."""
    return {
        "first": office.code,
        "weekdays": week_of(catalogue.list_offices(core, door)),
        "bands": [band.code for band in core.pack.country.bands],
    }


def wish_context(core: Core, *, service: Service, door: Door) -> dict[str, Any]:
    """Return what the form shows."""
    offices = catalogue.list_offices(core, door)
    groups: dict[str, list[Office]] = {}
    for office in offices:
        groups.setdefault(office.region_code, []).append(office)
    return {
        "service": service,
        "further": further_services(core, service, door),
        "unit_minutes": core.pack.country.unit_minutes,
        "needs_reason": reason_rule(service),
        "groups": list(groups.values()),
        "mine": [],
        "lives_in": "",
        "branches": [],
        "ranks": RANKS,
        "abroad": door is Door.ABROAD,
        "residence": residence_of(door),
        "weekdays": week_of(offices),
        "bands": core.pack.country.bands,
        "anchors": ANCHORS,
    }
