"""The form of a service: one question a page, the papers, a review of it all, and sending it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep
from api.incoming.upload_threads import in_own_threads, or_show
from api.pages.online.cases import next_step
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from api.pages.shared.uploads import Upload, UploadDep
from booking.base.errors import IllegalMoveError, InvalidInputError, MawidError, NotFoundError
from booking.core.core import Core
from booking.evidence.accept import LARGEST_FILE
from booking.models.online.states import IN_OWN_HANDS, OnlineState
from booking.online.answer import keep_answer
from booking.online.content import answer_row
from booking.online.papers import MOST_FILES, add_paper, read_own_page, remove_paper
from booking.online.send import send_case
from booking.online.views import CaseView, own_view

router = APIRouter(prefix="/online/cases/{reference}")


@router.get("/questions/{field}")
def question_form(
    request: Request, reference: ReferenceDep, field: str, account: AccountDep, core: CoreDep
) -> Response:
    """Ask one question."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    return _question_page(request, view, field, back_to_review=_from_review(request))


@router.post("/questions/{field}")
def question(
    request: Request, reference: ReferenceDep, field: str, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the answer and go on: to the next question, or back to the review that led here."""
    review = form.text("then") == "review"
    with show_again(
        lambda error: _question_page(
            request,
            own_view(core, account_id=account.account_id, reference=reference),
            field,
            form,
            error,
            back_to_review=review,
        ),
        unless={IllegalMoveError: f"/online/cases/{reference}"},
    ):
        keep_answer(core, account_id=account.account_id, reference=reference, field=field, typed=_typed(form))
    view = own_view(core, account_id=account.account_id, reference=reference)
    if review:
        return RedirectResponse(next_step(view), 303)
    after = view.after(field)
    if after is not None:
        return RedirectResponse(f"/online/cases/{reference}/questions/{after}", 303)
    return RedirectResponse(f"/online/cases/{reference}/{'papers' if view.wanted else 'review'}", 303)


@router.get("/papers")
def papers_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the papers, one after the other."""
    return _papers_page(request, core, account.account_id, reference)


def _papers_again(
    error: MawidError,
    *,
    request: Request,
    core: Core,
    account: AccountDep,
    reference: str,
    upload: Upload,
    **_given: Any,
) -> Response:
    return _papers_page(request, core, account.account_id, reference, error, upload.form.text("paper"))


@router.post("/papers")
@or_show(_papers_again)
@in_own_threads
def papers(
    *,
    request: Request,
    reference: ReferenceDep,
    upload: UploadDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Keep one file of one paper."""
    document = upload.form.text("paper")
    with show_again(lambda error: _papers_page(request, core, account.account_id, reference, error, document)):
        add_paper(
            core,
            account_id=account.account_id,
            reference=reference,
            document=document,
            content=upload.content,
            origin=origin,
        )
    return RedirectResponse(f"/online/cases/{reference}/papers", 303)


@router.get("/papers/remove")
def remove_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the list, which has the buttons."""
    return RedirectResponse(f"/online/cases/{reference}/papers", 303)


@router.post("/papers/remove")
def remove(reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Take a file back."""
    try:
        paper_id = UUID(form.text("file"))
    except ValueError:
        raise NotFoundError from None
    remove_paper(core, account_id=account.account_id, reference=reference, paper_id=paper_id)
    return RedirectResponse(f"/online/cases/{reference}/papers", 303)


@router.get("/papers/{paper_id}/{number}")
def paper_page(reference: ReferenceDep, paper_id: UUID, number: int, account: AccountDep, core: CoreDep) -> Response:
    """Show a page to the person who sent it."""
    return image(
        read_own_page(core, account_id=account.account_id, reference=reference, paper_id=paper_id, page=number)
    )


@router.get("/review")
def review_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show everything before it is sent."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    return _review_page(request, core, view)


@router.post("/review")
def send(request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Send the case; what costs something goes on to the payment."""
    with show_again(
        lambda error: _review_page(
            request, core, own_view(core, account_id=account.account_id, reference=reference), form, error
        ),
        unless={IllegalMoveError: f"/online/cases/{reference}"},
    ):
        state = send_case(
            core, account_id=account.account_id, reference=reference, declared=form.text("declared") == "yes"
        )
    if state is not OnlineState.AWAITING_PAYMENT:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    return RedirectResponse(f"/online/cases/{reference}/pay", 303)


def _typed(form: Form) -> str:
    """Read the one answer of a question's page; a date may come in three fields, a box that is not ticked in none."""
    parts = [form.text(f"answer_{part}").strip() for part in ("day", "month", "year")]
    return "/".join(parts) if any(parts) else form.text("answer")


def _from_review(request: Request) -> bool:
    return request.query_params.get("then") == "review"


def _question_page(
    request: Request,
    view: CaseView,
    code: str,
    typed: Form | None = None,
    error: MawidError | None = None,
    *,
    back_to_review: bool,
) -> Response:
    field = view.question(code)
    if field is None:
        raise NotFoundError
    if view.case.state not in IN_OWN_HANDS:
        return RedirectResponse(f"/online/cases/{view.case.reference}", 303)
    codes = [one.code for one in view.spec.fields]
    kept = view.answers.get(code)
    return form_page(
        request,
        "online/question.html",
        {"answer": _as_typed(kept)} if typed is None else typed,
        error,
        view=view,
        field=field,
        step=codes.index(code) + 1,
        steps=len(codes),
        before=view.before(code),
        back_to_review=back_to_review,
    )


def _as_typed(kept: Any) -> Any:
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    if isinstance(kept, float) and kept.is_integer():
        return int(kept)
    return kept


def _papers_page(
    request: Request,
    core: Core,
    account_id: UUID,
    reference: str,
    error: MawidError | None = None,
    document: str = "",
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
        chosen=document,
        most_files=MOST_FILES,
        largest=LARGEST_FILE // (1024 * 1024),
        last_question=view.spec.fields[-1].code,
        missing=any(one.required and not view.of_paper(one.code) for one in view.wanted),
        go_on=next_step(view),
    )


def _review_page(
    request: Request, core: Core, view: CaseView, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    base = f"/online/cases/{view.case.reference}"
    if view.case.state not in IN_OWN_HANDS:
        return RedirectResponse(base, 303)
    if error is None and (step := next_step(view)) != f"{base}/review":
        return RedirectResponse(step, 303)
    wrong = error.errors if isinstance(error, InvalidInputError) else []
    anchors = {one.field: f"{base}/questions/{one.field}?then=review" for one in wrong if view.question(one.field)}
    anchors |= {one.field: f"{base}/papers" for one in wrong if one.field.startswith("paper-")}
    anchors |= {one.field: f"{base}/originals" for one in wrong if one.field == "way"}
    return form_page(
        request,
        "online/review.html",
        typed or {},
        error,
        view=view,
        rows=[(one, answer_row(one, view.answers[one.code])) for one in view.spec.fields if one.code in view.answers],
        agency=core.pack.agency(view.spec.agency),
        anchors=anchors,
    )
