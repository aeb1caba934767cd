"""Wish for another appointment: office, days and times, the best first; the present one stays until one is found."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep
from api.outgoing.own_file import own_file
from api.pages.shared.answers import read_day
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, MawidError
from booking.platform.base.fields import noted, raise_all
from booking.scheduling.appointments.respond import is_movable
from booking.scheduling.draws.own_receipt import OwnFile
from booking.scheduling.requests.views import AppointmentView, appointment_view
from booking.scheduling.swaps.errors import NightRunningError, NotExchangedError
from booking.scheduling.swaps.own_part import own_part, own_wish
from booking.scheduling.swaps.views import OwnSwap, own_swap
from booking.scheduling.swaps.wish import Choice, take_back, wish

router = APIRouter(prefix="/appointments/{reference}/other")

NUMBERS: Final = (1, 2, 3)
"""Of the choices that the form has room for."""


@router.get("")
def other_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask what would be better; what was wished before stands there. Where it cannot be exchanged, say why."""
    view, own = _read_both(core, account, reference)
    return _page(request, core, view, own, _typed(own, view), _refused(own))


@router.post("")
def other_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the wish."""
    with show_again(lambda error: _page(request, core, *_read_both(core, account, reference), form, error)):
        wish(core, account_id=account.account_id, reference=reference, choices=_read(form))
    return told(core.settings, f"/appointments/{reference}", "other-wished")


@router.get("/part.json")
def part(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Return the holder's own part of the last night that had the appointment, to check it with the night's files."""
    content = own_part(core, account_id=account.account_id, reference=reference)
    return own_file(OwnFile(f"{reference}.json", content))


@router.get("/wish.json")
def receipt(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Return the file of the wish, which proves it before and after a night."""
    return own_file(own_wish(core, account_id=account.account_id, reference=reference))


@router.get("/end")
def end_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the appointment's page, which has the button."""
    return RedirectResponse(f"/appointments/{reference}", 303)


@router.post("/end")
def end_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Take the wish back."""
    with show_again(lambda error: _page(request, core, *_read_both(core, account, reference), form, error)):
        take_back(core, account_id=account.account_id, reference=reference)
    return told(core.settings, f"/appointments/{reference}", "other-ended")


def _read_both(core: Core, account: AccountDep, reference: str) -> tuple[AppointmentView, OwnSwap]:
    """Return an appointment, and what the exchange means for it; raises NotFoundError."""
    view = appointment_view(core, account.account_id, reference)
    return view, own_swap(core, account_id=account.account_id, reference=reference)


def _refused(own: OwnSwap) -> MawidError | None:
    """Return what a wish would be refused with, whatever it says; None where one can be made."""
    if not own.possible:
        return NotExchangedError()
    return NightRunningError() if own.running else None


def _read(form: Form) -> list[Choice]:
    """Read the choices that were filled in; raises InvalidInputError with all that cannot be read."""
    errors: list[FieldError] = []
    choices = []
    for number in NUMBERS:
        first = last = None
        with noted(errors):
            first = read_day(f"first_{number}", form.text(f"first_{number}"))
        with noted(errors):
            last = read_day(f"last_{number}", form.text(f"last_{number}"))
        office, band = form.text(f"office_{number}"), form.text(f"band_{number}")
        if office and first is not None:
            choices.append(Choice(office, first, last or first, (band,) if band else ()))
        elif number == 1 or first is not None or last is not None:
            name = f"first_{number}" if office else f"office_{number}"
            if name not in {error.field for error in errors}:
                errors.append(FieldError(name, "missing"))
    raise_all(errors)
    return choices


def _typed(own: OwnSwap, view: AppointmentView) -> dict[str, Any]:
    typed: dict[str, Any] = {"office_1": view.office.code}
    for number, one in zip(NUMBERS, own.choices, strict=False):
        typed |= {
            f"office_{number}": one.office,
            f"first_{number}": one.first.isoformat(),
            f"last_{number}": one.last.isoformat() if one.last != one.first else "",
            f"band_{number}": one.bands[0] if len(one.bands) == 1 else "",
        }
    return typed


def _page(
    request: Request, core: Core, view: AppointmentView, own: OwnSwap, typed: Any, error: MawidError | None = None
) -> Response:
    return form_page(
        request,
        "citizen/other_time.html",
        typed,
        error,
        view=view,
        closed=_refused(own) is not None,
        movable=is_movable(core, view),
        now=core.clock.now(),
        numbers=NUMBERS,
        offices=catalogue.list_offices(core, view.office.door),
        bands=core.pack.country.bands,
    )
