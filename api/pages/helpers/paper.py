"""A helper and a person without a phone: the form to sign, the photo of it, and the receipt to take home."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, HelperDep, OriginDep
from api.incoming.upload_threads import in_own_threads, or_show
from api.pages.helpers.people import person_page
from api.pages.shared.answers import birth_date_of, residence_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import id_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from api.pages.shared.uploads import UploadDep
from booking.desk.helpers import papers, views
from booking.desk.helpers.errors import ConsentMissingError, ConsentUsedError
from booking.people.accounts.identity import read_identity
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/helper")


@router.get("/new-paper")
def new_form(request: Request, helper: HelperDep, core: CoreDep) -> Response:
    """Ask which person without a phone is to be helped."""
    views.door_office(core, by=helper.account_id)
    return form_page(request, "helpers/paper_new.html", None)


@router.post("/new-paper")
def new_post(request: Request, form: PostedDep, helper: HelperDep, core: CoreDep, origin: OriginDep) -> Response:
    """Begin the consent, and lead to the form to print."""
    try:
        person = read_identity(
            core,
            name=form.text("name"),
            national_number=form.text("national_number"),
            birth_date=birth_date_of(form),
        )
        consent = papers.begin_paper(core, by=helper.account_id, person=person, origin=origin)
    except MawidError as error:
        return form_page(request, "helpers/paper_new.html", form, error)
    return RedirectResponse(f"/helper/people/{consent}", 303)


@router.get("/people/{consent_id}/form")
def consent_form(request: Request, consent_id: str, helper: HelperDep, core: CoreDep) -> Response:
    """Show the form to be printed and signed."""
    consent = id_of(consent_id)
    try:
        form = papers.consent_form(core, by=helper.account_id, consent_id=consent)
    except (ConsentMissingError, ConsentUsedError):
        return RedirectResponse(f"/helper/people/{consent}", 303)
    return page(request, "helpers/paper_form.html", form=form, consent_id=consent, zone=core.pack.country.time_zone)


@router.get("/people/{consent_id}/photo")
def photo_form(consent_id: str, _helper: HelperDep) -> Response:
    """Lead to the person's page, which has the field for the photo."""
    return RedirectResponse(f"/helper/people/{id_of(consent_id)}", 303)


def _person_again(
    error: MawidError, *, request: Request, core: CoreDep, helper: HelperDep, consent_id: str, **_given: Any
) -> Response:
    return person_page(request, core, helper, id_of(consent_id), Form(), error)


@router.post("/people/{consent_id}/photo")
@or_show(_person_again)
@in_own_threads
def photo(
    request: Request, consent_id: str, helper: HelperDep, upload: UploadDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Take the photo of the signed form."""
    consent = id_of(consent_id)
    with show_again(lambda error: person_page(request, core, helper, consent, Form(), error)):
        papers.send_paper(core, by=helper.account_id, consent_id=consent, content=upload.content, origin=origin)
    return RedirectResponse(f"/helper/people/{consent}?photo=1", 303)


@router.get("/people/{consent_id}/receipt")
def receipt(request: Request, consent_id: str, helper: HelperDep, core: CoreDep) -> Response:
    """Show what the person takes home: reference, receipt, how to learn the result, what to bring."""
    consent = id_of(consent_id)
    view = views.paper_receipt(core, by=helper.account_id, consent_id=consent)
    return page(
        request,
        "helpers/receipt.html",
        view=view,
        consent_id=consent,
        residence=residence_of(view.door),
        site=f"{core.settings.base_url}/status",
    )
