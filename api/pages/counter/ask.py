"""At the counter: ask for a person who has no phone, and print what they take home."""

from typing import Final

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep, OriginDep, SignedIn
from api.pages.shared.answers import birth_date_of, residence_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from api.pages.shared.wish_form import chosen_service, read_wish, untouched, wish_context
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.desk.counter.ask_for import (
    ask_at_counter,
    confirm_at_counter,
    helper_of_request,
    look,
    office_of,
    printed_pass,
    waits_for_the_register,
    withdraw_at_counter,
)
from booking.people.accounts.identity import Identity, read_identity
from booking.platform.base.errors import FieldError, MawidError
from booking.platform.base.references import read_reference
from booking.platform.models.states import AppointmentState
from booking.scheduling.requests.views import RequestView

router = APIRouter()

KEPT: Final = ("name", "national_number", "birth_day", "birth_month", "birth_year")


@router.get("/desk/ask")
def person_form(request: Request, officer: CounterDep, core: CoreDep, reference: str = "") -> Response:
    """Ask who stands at the counter and what for; or open a request that was asked for here."""
    if reference:
        try:
            return RedirectResponse(f"/desk/ask/{read_reference(reference)}", 303)
        except FieldError as error:
            return _person_page(request, core, officer, Form(), error)
    return _person_page(request, core, officer)


@router.post("/desk/ask")
def ask_post(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep, origin: OriginDep) -> Response:
    """Check the person, then ask everything else on one page, then send."""
    office = office_of(core, officer_id=officer.account_id)
    service = chosen_service(core, form.text("service"), office.door)
    try:
        person = _identity(core, form)
    except MawidError as error:
        return _person_page(request, core, officer, form, error)
    if service is None:
        return _person_page(request, core, officer, form, FieldError("service", "choose_one"))
    if form.text("step") != "wish":
        kept = {name: form.text(name) for name in KEPT}
        return _wish_page(request, core, officer, Form({name: [text] for name, text in kept.items()}), service.code)
    try:
        wish = read_wish(core, form, service=service, door=office.door)
        reference = ask_at_counter(core, officer_id=officer.account_id, person=person, wish=wish, origin=origin)
    except MawidError as error:
        return _wish_page(request, core, officer, form, service.code, error)
    known = person.name not in look(core, officer_id=officer.account_id, reference=reference).people
    return RedirectResponse(f"/desk/ask/{reference}{'?known=1' if known else ''}", 303)


@router.get("/desk/ask/{reference}")
def receipt(request: Request, reference: ReferenceDep, officer: CounterDep, core: CoreDep, known: str = "") -> Response:
    """Show what the person takes home: reference, receipt, and the pass once there is one.

    ``known`` is set right after asking for somebody who is known by another name than the one that was typed.
    """
    return _receipt_page(request, core, officer, reference, known=known == "1")


@router.post("/desk/ask/{reference}")
def confirm(request: Request, reference: ReferenceDep, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Confirm the offered appointment for the person, or withdraw the consent that they signed for a helper."""
    act = withdraw_at_counter if form.text("action") == "withdraw" else confirm_at_counter
    with show_again(lambda error: _receipt_page(request, core, officer, reference, error)):
        act(core, officer_id=officer.account_id, reference=reference)
    return RedirectResponse(f"/desk/ask/{reference}", 303)


def _identity(core: Core, form: Form) -> Identity:
    return read_identity(
        core,
        name=form.text("name"),
        national_number=form.text("national_number"),
        birth_date=birth_date_of(form),
    )


def _person_page(
    request: Request, core: Core, officer: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    office = office_of(core, officer_id=officer.account_id)
    services = catalogue.list_appointment_services(core, office.door)
    return form_page(request, "counter/ask.html", form, error, services=services, office=office)


def _wish_page(
    request: Request, core: Core, officer: SignedIn, form: Form, code: str, error: MawidError | None = None
) -> Response:
    office = office_of(core, officer_id=officer.account_id)
    service = chosen_service(core, code, office.door)
    if service is None:
        return _person_page(request, core, officer, form)
    person = {name: form.text(name) for name in KEPT}
    typed = form if error is not None else {**untouched(core, office=office, door=office.door), **person}
    context = wish_context(core, service=service, door=office.door)
    return form_page(request, "counter/ask_wish.html", typed, error, kept=KEPT, **context)


def _receipt_page(
    request: Request,
    core: Core,
    officer: SignedIn,
    reference: str,
    error: MawidError | None = None,
    *,
    known: bool = False,
) -> Response:
    view = look(core, officer_id=officer.account_id, reference=reference)
    return form_page(
        request,
        "counter/ask_receipt.html",
        None,
        error,
        view=view,
        known=known,
        helped=helper_of_request(core, officer_id=officer.account_id, reference=reference),
        qr=_drawn_pass(core, officer, view),
        residence=residence_of(view.door),
        site=f"{core.settings.base_url}/status",
        confirm_within=core.settings.confirm_within,
        waits=waits_for_the_register(core, officer_id=officer.account_id, reference=reference),
    )


def _drawn_pass(core: Core, officer: SignedIn, view: RequestView) -> Markup | None:
    """Draw the pass of a confirmed appointment, to be printed."""
    appointment = view.appointment
    if appointment is None or appointment.state is not AppointmentState.CONFIRMED:
        return None
    drawn = printed_pass(
        core, officer_id=officer.account_id, reference=view.reference, appointment=appointment.reference
    )
    return Markup(drawn)  # noqa: S704 - our own drawing, nothing typed is in it
