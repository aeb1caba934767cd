"""The papers of a case: all that are wanted on one page, sent together, shown and taken back."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep
from api.incoming.upload_threads import in_own_threads, or_show
from api.pages.online.cases import next_step
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import at_its_field, show_again
from api.pages.shared.uploads import UploadsDep
from booking.country.core.core import Core
from booking.eservices.online.rows import MOST_FILES, add_paper, read_own_page, remove_paper
from booking.eservices.online.views import CaseView, own_view
from booking.people.evidence.accept import LARGEST_FILE
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError
from booking.platform.models.online.case import IN_OWN_HANDS

router = APIRouter(prefix="/online/cases/{reference}/papers")
PAPER: Final = "paper-"
"""What stands before a paper's code in the name of its field."""
MOST_AT_ONCE: Final = 6
"""Files of one form: they are converted in one turn, while others wait for theirs."""


@router.get("")
def papers_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the papers."""
    return _papers_page(request, core, account.account_id, reference)


def _papers_again(
    error: MawidError, *, request: Request, core: Core, account: AccountDep, reference: str, **_given: Any
) -> Response:
    return _papers_page(request, core, account.account_id, reference, error)


@router.post("")
@or_show(_papers_again)
@in_own_threads
def papers(
    *,
    request: Request,
    reference: ReferenceDep,
    uploads: UploadsDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Keep the files one after the other, up to the first that is refused; then go on, where nothing is missing."""
    who = account.account_id
    with show_again(lambda error: _papers_page(request, core, who, reference, error)):
        for number, (name, file) in enumerate(uploads.files):
            if number == MOST_AT_ONCE:
                raise InvalidInputError([FieldError(name, "too_many_at_once", most=MOST_AT_ONCE)])
            document = name.removeprefix(PAPER)
            try:
                add_paper(
                    core,
                    account_id=who,
                    reference=reference,
                    document=document,
                    content=file.read(LARGEST_FILE + 1),
                    origin=origin,
                )
            except InvalidInputError as error:
                raise at_its_field(error, PAPER, document) from None
        view = own_view(core, account_id=who, reference=reference)
        if missing := _missing(view):
            raise InvalidInputError([FieldError(f"{PAPER}{code}", "no_file") for code in missing])
    return RedirectResponse(f"/online/cases/{reference}/papers" if uploads.form.text("more") else next_step(view), 303)


@router.get("/remove")
def remove_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the list, which has the buttons."""
    return RedirectResponse(f"/online/cases/{reference}/papers", 303)


@router.post("/remove")
def remove(reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Take a file back."""
    try:
        paper_id = UUID(form.text("file"))
    except ValueError:
        raise NotFoundError from None
    remove_paper(core, account_id=account.account_id, reference=reference, paper_id=paper_id)
    return RedirectResponse(f"/online/cases/{reference}/papers", 303)


@router.get("/{paper_id}/{number}")
def paper_page(reference: ReferenceDep, paper_id: UUID, number: int, account: AccountDep, core: CoreDep) -> Response:
    """Show a page to the person who sent it."""
    return image(
        read_own_page(core, account_id=account.account_id, reference=reference, paper_id=paper_id, page=number)
    )


def _missing(view: CaseView) -> list[str]:
    return [one.code for one in view.wanted if one.required and not view.of_paper(one.code)]


def _papers_page(
    request: Request, core: Core, account_id: UUID, reference: str, error: MawidError | None = None
) -> Response:
    view = own_view(core, account_id=account_id, reference=reference)
    if view.case.state not in IN_OWN_HANDS:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    return form_page(
        request,
        "online/papers.html",
        {},
        error,
        view=view,
        most_files=MOST_FILES,
        most_at_once=MOST_AT_ONCE,
        largest=LARGEST_FILE // (1024 * 1024),
        last_part=view.parts[-1][0].code,
    )
