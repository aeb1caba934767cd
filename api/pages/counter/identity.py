"""At the counter: which accounts act for a person who stands there, and what an officer decides about them."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep
from api.pages.shared.answers import birth_date_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.base.errors import MawidError
from booking.core.core import Core
from booking.identity.desk_views import PersonAtCounter, find_person, person_at_counter
from booking.identity.dispute import decide
from booking.identity.seen import Seen

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
    seen = Seen(
        documents=form.every("documents"),
        name=form.text("name"),
        birth_date=birth_date_of(form),
        reason=form.text("reason"),
        code=form.text("code"),
        end=form.numbers("end"),
    )

    def again(error: MawidError) -> Response:
        shown = person_at_counter(core, officer_id=officer.account_id, person_id=person_id)
        return _person_page(request, core, shown, form, error)

    with show_again(again):
        decide(core, officer_id=officer.account_id, person_id=person_id, seen=seen)
    return RedirectResponse("/desk/identity?done=1", 303)


def _person_page(
    request: Request, core: Core, shown: PersonAtCounter, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request, "counter/identity_person.html", form, error, person=shown, zone=core.pack.country.time_zone
    )
