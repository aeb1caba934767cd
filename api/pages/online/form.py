"""The form of a service: its questions in parts, a review of it all, and sending it."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, words_of
from api.pages.online.cases import next_step, question_address
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import at_its_field, show_again
from booking.country.core.core import Core
from booking.country.core.together import answer_of
from booking.eservices.online.answer import CaseForm, keep_part_in_loop, own_forms
from booking.eservices.online.issue import answer_row
from booking.eservices.online.pay import begin_first_payment
from booking.eservices.online.rows import OneCase
from booking.eservices.online.send import send_case
from booking.eservices.online.views import CaseView, own_view, own_views
from booking.platform.base.errors import IllegalMoveError, InvalidInputError, MawidError
from booking.platform.models.online.case import IN_OWN_HANDS

ANSWER: Final = "answer-"
"""What stands before a question's code in the name of its field, so that no code can be another field's name."""

router = APIRouter(prefix="/online/cases/{reference}")


@router.get("/questions/{field}")
async def question_form(
    request: Request, reference: ReferenceDep, field: str, account: AccountDep, core: CoreDep
) -> Response:
    """Ask the questions of a part: its address is that of the first of them, to which that of each other leads."""
    asked = await core.together.join(own_forms, OneCase(core, account.account_id, reference))
    first = asked.parts[asked.part_of(field)][0].code
    if first != field:
        query = request.url.query
        return RedirectResponse(f"/online/cases/{reference}/questions/{first}{'?' if query else ''}{query}", 303)
    return _question_page(request, asked, field, back_to_review=_from_review(request))


@router.post("/questions/{field}")
async def question(
    request: Request, reference: ReferenceDep, field: str, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the answers of a part and go on: to the next one, or back to the review that led here."""
    mine = OneCase(core, account.account_id, reference)
    typed = {name.removeprefix(ANSWER): form.text(name) for name in form.fields if name.startswith(ANSWER)}
    try:
        asked = await keep_part_in_loop(
            core, account_id=account.account_id, reference=reference, code=field, typed=typed
        )
    except IllegalMoveError:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    except InvalidInputError as error:
        return await core.together.join(_show_all, _Refused(request, mine, field, form, error))
    if form.text("then") == "review":
        return RedirectResponse(next_step(await core.together.join(own_views, mine)), 303)
    following = asked.part_of(field) + 1
    if following < len(asked.parts):
        return RedirectResponse(question_address(asked, asked.parts[following][0].code), 303)
    return RedirectResponse(f"/online/cases/{reference}/{'papers' if asked.wanted else 'review'}", 303)


class _Refused(NamedTuple):
    """What the page of questions whose answers were refused is made of."""

    request: Request
    case: OneCase
    code: str
    typed: Form
    error: MawidError


def _show_all(refused: Sequence[_Refused]) -> list[Response | Exception]:
    """Show refused forms again, one after the other: many of them take few threads, and none of those of pages."""
    found = own_forms([one.case for one in refused])
    return [
        asked if isinstance(asked, Exception) else answer_of(partial(_shown_again, one, asked))
        for one, asked in zip(refused, found, strict=True)
    ]


def _shown_again(one: _Refused, asked: CaseForm) -> Response:
    error, review = at_its_field(one.error, ANSWER), one.typed.text("then") == "review"
    return _question_page(one.request, asked, one.code, one.typed, error, back_to_review=review)


@router.get("/review")
async def review_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show everything before it is sent."""
    view = await core.together.join(own_views, OneCase(core, account.account_id, reference))
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
        sent = send_case(
            core, account_id=account.account_id, reference=reference, declared=form.text("declared") == "yes"
        )
    if sent.unpaid is None:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    try:
        begin_first_payment(core, sent.unpaid)
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
