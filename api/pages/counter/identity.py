"""At the counter: which accounts act for a person who stands there, and what an officer decides about them."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep
from api.pages.shared.answers import birth_date_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.accounts.change_phone import days_of
from booking.people.identity.dispute import confirm_lost_factor, decide
from booking.people.identity.seen import Seen
from booking.people.identity.views import PersonAtCounter, find_person, person_at_counter
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/desk/identity")


@router.get("")
def number_form(request: Request, _officer: CounterDep, done: str = "") -> Response:
    """Ask for the number of the person; ``done``: a decision was just kept."""
    return form_page(request, "counter/identity.html", done=done == "1")


@router.post("")
def search(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Look for the person; their number is in no address."""
    with show_again(lambda error: form_page(request, "counter/identity.html", form, error, done=False)):
        person_id = find_person(core, officer_id=officer.account_id, national_number=form.text("national_number"))
    return RedirectResponse(f"/desk/identity/{person_id}", 303)


@router.get("/{person_id}")
def person(request: Request, person_id: UUID, officer: CounterDep, core: CoreDep) -> Response:
    """Show the accounts that act for the person, and the form of the decision."""
    return _person_page(request, core, person_at_counter(core, officer_id=officer.account_id, person_id=person_id))


@router.post("/{person_id}")
def decided(request: Request, person_id: UUID, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Keep what the officer saw and decides."""

    def again(error: MawidError) -> Response:
        shown = person_at_counter(core, officer_id=officer.account_id, person_id=person_id)
        return _person_page(request, core, shown, form, error)

    with show_again(again):
        decide(core, officer_id=officer.account_id, person_id=person_id, seen=_seen(form))
    return RedirectResponse("/desk/identity?done=1", 303)


@router.get("/{person_id}/second-step")
def second_step_form(request: Request, person_id: UUID, officer: CounterDep, core: CoreDep) -> Response:
    """Ask what the officer compared, and for the code that names the account."""
    return _second_step_page(request, core, officer.account_id, person_id)


@router.post("/{person_id}/second-step")
def second_step_post(
    request: Request, person_id: UUID, form: PostedDep, officer: CounterDep, core: CoreDep
) -> Response:
    """Let the second step of the person's account end, after its wait."""
    with show_again(lambda error: _second_step_page(request, core, officer.account_id, person_id, form, error)):
        confirm_lost_factor(core, officer_id=officer.account_id, person_id=person_id, seen=_seen(form))
    return RedirectResponse("/desk/identity?done=1", 303)


def _seen(form: Form) -> Seen:
    return Seen(
        documents=form.every("documents"),
        name=form.text("name"),
        birth_date=birth_date_of(form),
        reason=form.text("reason"),
        code=form.text("code"),
        end=form.numbers("end"),
    )


def _second_step_page(
    request: Request,
    core: Core,
    officer_id: UUID,
    person_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    shown = person_at_counter(core, officer_id=officer_id, person_id=person_id)
    days = days_of(core.settings.lost_factor_counter_wait)
    return form_page(request, "counter/identity_second_step.html", form, error, person=shown, days=days)


def _person_page(
    request: Request, core: Core, shown: PersonAtCounter, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request, "counter/identity_person.html", form, error, person=shown, zone=core.pack.country.time_zone
    )
