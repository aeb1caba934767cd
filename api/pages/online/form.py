"""The form of a service: its questions in parts, a review of it all, and sending it."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, words_of
from api.pages.online.cases import next_step, question_address
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import at_its_field, show_again
from booking.base.errors import IllegalMoveError, InvalidInputError, MawidError
from booking.core.core import Core
from booking.models.online.states import IN_OWN_HANDS, OnlineState
from booking.online.answer import keep_part
from booking.online.content import answer_row
from booking.online.form import CaseForm, own_form
from booking.online.pay import begin_payment
from booking.online.send import send_case
from booking.online.views import CaseView, own_view

ANSWER: Final = "answer-"
"""What stands before a question's code in the name of its field, so that no code can be another field's name."""

router = APIRouter(prefix="/online/cases/{reference}")


@router.get("/questions/{field}")
def question_form(
    request: Request, reference: ReferenceDep, field: str, account: AccountDep, core: CoreDep
) -> Response:
    """Ask the questions of a part: its address is that of the first of them, to which that of each other leads."""
    asked = own_form(core, account_id=account.account_id, reference=reference)
    first = asked.parts[asked.part_of(field)][0].code
    if first != field:
        query = request.url.query
        return RedirectResponse(f"/online/cases/{reference}/questions/{first}{'?' if query else ''}{query}", 303)
    return _question_page(request, asked, field, back_to_review=_from_review(request))


@router.post("/questions/{field}")
def question(
    request: Request, reference: ReferenceDep, field: str, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the answers of a part and go on: to the next one, or back to the review that led here."""
    review, me = form.text("then") == "review", account.account_id

    def again(error: MawidError) -> Response:
        asked = own_form(core, account_id=me, reference=reference)
        return _question_page(request, asked, field, form, at_its_field(error, ANSWER), back_to_review=review)

    with show_again(again, unless={IllegalMoveError: f"/online/cases/{reference}"}):
        typed = {name.removeprefix(ANSWER): form.text(name) for name in form.fields if name.startswith(ANSWER)}
        asked = keep_part(core, account_id=me, reference=reference, code=field, typed=typed)
    if review:
        return RedirectResponse(next_step(own_view(core, account_id=me, reference=reference)), 303)
    following = asked.part_of(field) + 1
    if following < len(asked.parts):
        return RedirectResponse(question_address(asked, asked.parts[following][0].code), 303)
    return RedirectResponse(f"/online/cases/{reference}/{'papers' if asked.wanted else 'review'}", 303)


@router.get("/review")
def review_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show everything before it is sent."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    return _review_page(request, core, view)


@router.post("/review")
def send(request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Send the case; what costs something goes straight on to the provider of the payment."""
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
    try:
        begin_payment(core, account_id=account.account_id, reference=reference)
    except MawidError:  # it is sent all the same, and the page of the payment tries again
        return RedirectResponse(f"/online/cases/{reference}/pay", 303)
    return RedirectResponse(f"/online/cases/{reference}/checkout", 303)


def _from_review(request: Request) -> bool:
    return request.query_params.get("then") == "review"


def _question_page(
    request: Request,
    asked: CaseForm,
    code: str,
    typed: Form | None = None,
    error: MawidError | None = None,
    *,
    back_to_review: bool,
) -> Response:
    if asked.case.state not in IN_OWN_HANDS:
        return RedirectResponse(f"/online/cases/{asked.case.reference}", 303)
    place, parts = asked.part_of(code), asked.parts
    kept = {f"{ANSWER}{code}": _as_typed(answer) for code, answer in asked.answers.items()}
    return form_page(
        request,
        "online/questions.html",
        kept if typed is None else typed,
        error,
        view=asked,
        part=parts[place],
        labels={f"{ANSWER}{one.code}": words_of(request).pick(one.name["ar"], one.name["en"]) for one in parts[place]},
        step=place + 1,
        steps=len(parts),
        before=parts[place - 1][0].code if place else None,
        back_to_review=back_to_review,
    )


def _as_typed(kept: Any) -> Any:
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    if isinstance(kept, float) and kept.is_integer():
        return int(kept)
    return kept


def _review_page(
    request: Request, core: Core, view: CaseView, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    base = f"/online/cases/{view.case.reference}"
    if view.case.state not in IN_OWN_HANDS:
        return RedirectResponse(base, 303)
    if error is None and (step := next_step(view)) != f"{base}/review":
        return RedirectResponse(step, 303)
    wrong = error.errors if isinstance(error, InvalidInputError) else []
    anchors = {one.code: f"{base}/questions/{one.code}?then=review#{ANSWER}{one.code}" for one in view.spec.fields}
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
