"""What else the same visit is for, where somebody books at once: read from the page, and carried along in its links."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request

from api.pages.shared.forms import Form
from api.pages.shared.wish_form import other_services, read_reason
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import noted
from booking.platform.models import Service
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import Also, wish_limits
from booking.scheduling.requests.wish_again import wish_of_request


def beside(core: Core, service: Service, door: Door) -> list[Service]:
    """Return what can be asked for on the same visit, by the active policy: all else that this door has."""
    return other_services(core, service.code, door, wish_limits(core))


def who_for_what(form: Form) -> dict[str, list[int]]:
    """Return by the code of each further service who comes for it; others were not written by our page."""
    found: dict[str, list[int]] = {}
    for text in form.every("also"):
        code, _, person = text.partition(":")
        for one in Form({"id": [person]}).numbers("id"):
            found.setdefault(code, []).append(one)
    return found


def read_also(form: Form, services: Iterable[Service], errors: list[FieldError]) -> tuple[Also, ...]:
    """Return the further services of a visit; what is wrong with their reasons is added to ``errors``."""
    known, also = {one.code: one for one in services}, []
    for code, people in who_for_what(form).items():
        reason = ""
        if code in known:  # what is not offered (any more) is refused with the wish
            with noted(errors):
                reason = read_reason(known[code], form.text(f"reason_{code}"), f"reason_{code}")
        also.append(Also(code, tuple(people), reason or None))
    return tuple(also)


def units_of(form: Form, service: Service, services: Iterable[Service]) -> int:
    """Return how many places all that is chosen takes; one person's where nobody is chosen yet."""
    also, people = who_for_what(form), len(form.every("people"))
    more = sum(one.units * len(also.get(one.code, ())) for one in services)
    return service.units * (people if people or more else 1) + more


def along(form: Form) -> Mapping[str, Sequence[str]]:
    """Return what a link to another day takes along: who comes for what, why, and since when the form is open."""
    names = ("shown", "again", "people", "also", "reason")
    return {name: form.every(name) for name in form.fields if name in names or name.startswith("reason_")}


def chosen_before(request: Request, core: Core, account_id: UUID) -> dict[str, Any]:
    """Return what a link brought along, or what the request says that somebody asks ``again``."""
    typed: dict[str, Any] = {name: request.query_params.getlist(name) for name in request.query_params}
    again = "" if "people" in typed else request.query_params.get("again", "")
    wish = wish_of_request(core, account_id=account_id, reference=again) if again else None
    if wish is None:
        return typed
    return typed | {
        "people": list(wish.people),
        "also": [f"{one.service}:{person}" for one in wish.also for person in one.people],
        "reason": wish.reason or "",
        **{f"reason_{one.service}": one.reason or "" for one in wish.also},
    }
