"""What a registered helper sees: the people whom it helps, their consent, one request for each."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, HelperDep, OriginDep, SignedIn
from api.pages.shared.answers import birth_date_of, residence_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import id_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from api.pages.shared.wish_form import chosen_service, read_wish, untouched, wish_context
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.desk.helpers import ask, clients, follow, papers, views
from booking.desk.helpers.errors import ConsentUsedError
from booking.desk.helpers.follow import prove_client
from booking.platform.base.errors import MawidError
from booking.platform.models.states import Door

router = APIRouter(prefix="/helper")


@router.get("")
def overview(request: Request, helper: HelperDep, core: CoreDep) -> Response:
    """List the people, with what comes next for each."""
    return page(
        request,
        "helpers/people.html",
        own=views.overview(core, by=helper.account_id),
        zone=core.pack.country.time_zone,
    )


@router.get("/people/new")
def new_form(request: Request, helper: HelperDep, core: CoreDep) -> Response:
    """Ask which person is to be helped."""
    views.door_office(core, by=helper.account_id)
    return form_page(request, "helpers/new.html", {"language": core.languages.default})


@router.post("/people/new")
def new_post(request: Request, form: PostedDep, helper: HelperDep, core: CoreDep, origin: OriginDep) -> Response:
    """Send the person a code."""
    try:
        consent = clients.ask_consent(
            core,
            by=helper.account_id,
            name=form.text("name"),
            national_number=form.text("national_number"),
            birth_date=birth_date_of(form),
            phone=form.text("phone"),
            language=form.text("language"),
            origin=origin,
        )
    except MawidError as error:
        return form_page(request, "helpers/new.html", form, error)
    return RedirectResponse(f"/helper/people/{consent}", 303)


@router.get("/people/{consent_id}")
def person_form(request: Request, consent_id: str, helper: HelperDep, core: CoreDep) -> Response:
    """Show one person, with the next step."""
    return person_page(request, core, helper, id_of(consent_id))


@router.post("/people/{consent_id}")
def person_post(
    *, request: Request, consent_id: str, form: PostedDep, helper: HelperDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Take the next step for a person."""
    consent, by = id_of(consent_id), helper.account_id
    here = f"/helper/people/{consent}"
    with show_again(lambda error: person_page(request, core, helper, consent, form, error)):
        match form.text("action"):
            case "give":
                ask.give_consent(core, by=by, consent_id=consent, code=form.text("code"))
                here = f"{here}/ask"
            case "again":
                clients.send_again(core, by=by, consent_id=consent, origin=origin)
                here = f"{here}?sent=1"
            case "send_check":
                follow.send_check(core, by=by, consent_id=consent, origin=origin)
                here = f"{here}?sent=1"
            case "check":
                follow.answer_check(core, by=by, consent_id=consent, code=form.text("code"))
            case "drop":
                papers.drop_paper(core, by=by, consent_id=consent)
            case "confirm":
                follow.confirm(core, by=by, consent_id=consent)
            case _:
                pass
    return RedirectResponse(here, 303)


@router.get("/people/{consent_id}/ask")
def ask_form(request: Request, consent_id: str, helper: HelperDep, core: CoreDep, service: str = "") -> Response:
    """Ask what for: first the service, then everything else on one page."""
    return _ask_page(request, core, helper, id_of(consent_id), service)


@router.post("/people/{consent_id}/ask")
def ask_post(
    *, request: Request, consent_id: str, form: PostedDep, helper: HelperDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send the request; a second click finds the first one."""
    consent, code = id_of(consent_id), form.text("service")
    here = f"/helper/people/{consent}"
    door = views.door_office(core, by=helper.account_id).door
    service = chosen_service(core, code, door)
    if service is None:
        return RedirectResponse(f"{here}/ask", 303)
    with show_again(
        lambda error: _ask_page(request, core, helper, consent, code, form, error), unless={ConsentUsedError: here}
    ):
        wish = read_wish(core, form, service=service, door=door)
        if serial := form.text("serial"):
            prove_client(core, by=helper.account_id, consent_id=consent, serial=serial, origin=origin)
        ask.ask_for(core, by=helper.account_id, consent_id=consent, wish=wish, origin=origin)
    return RedirectResponse(f"{here}?new=1", 303)


def _ask_page(
    request: Request,
    core: Core,
    helper: SignedIn,
    consent: UUID,
    code: str,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    person = views.person(core, by=helper.account_id, consent_id=consent)
    office = views.door_office(core, by=helper.account_id)
    door: Door = office.door
    if error is None and (person.over or person.consent != "given"):
        return RedirectResponse(f"/helper/people/{consent}", 303)
    service = chosen_service(core, code, door)
    if service is None:
        services = catalogue.list_appointment_services(core, door)
        return page(request, "helpers/service.html", person=person, services=services)
    return form_page(
        request,
        "helpers/ask.html",
        form or untouched(core, office=office, door=door),
        error,
        person=person,
        **wish_context(core, service=service, door=door),
    )


def person_page(
    request: Request,
    core: Core,
    helper: SignedIn,
    consent: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    """Show one person, with the next step and what is wrong."""
    return form_page(
        request,
        "helpers/person.html",
        form,
        error,
        person=views.person(core, by=helper.account_id, consent_id=consent),
        sent=request.query_params.get("sent") == "1",
        new=request.query_params.get("new") == "1",
        photo=request.query_params.get("photo") == "1",
        zone=core.pack.country.time_zone,
        residence=residence_of(views.door_office(core, by=helper.account_id).door),
    )
