"""The desk of an immigration officer: cases to decide, appeals."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, DeciderDep, OfficerDep, SignedIn, WordsDep, words_of
from api.pages.desk.reason_words import reason_for_officers
from api.pages.shared.banners import told
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.rendering import page
from booking.antifraud.linking import views as linking
from booking.antifraud.watching.cases import list_questions
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows
from booking.desk.helpers.papers import paper_of, read_paper_page
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.models.states import AppealState
from booking.scheduling.requests import appeals as appeals_due
from booking.scheduling.requests import staff_views
from booking.scheduling.requests.review import challenge_review, decide_review
from booking.scheduling.requests.staff_views import TRIED, look_at_review
from booking.scheduling.urgent.views import QueueLine, Show, queue
from fraud.facts import SCHEMA

router = APIRouter(prefix="/desk")

MOST_PRESSING: Final = 1
"""Urgent cases above the requests; the rest is in their own queue."""


@router.get("")
def cases(request: Request, officer: OfficerDep, core: CoreDep, words: WordsDep) -> Response:
    """List the requests that wait for a decision, oldest first."""
    return page(
        request,
        "desk/reviews.html",
        cases=staff_views.list_cases(core),
        urgent=_most_pressing(core, officer),
        questions=linking.list_open(core),
        watched=list_questions(core, officer_id=officer.account_id) if _watches(officer) else (),
        appeals=appeals_due.count_appeals(core),
        due=lambda answer_by: appeals_due.due(answer_by, core.today()),
        zone=core.pack.country.time_zone,
        why=partial(reason_for_officers, words=words),
    )


def _most_pressing(core: Core, officer: SignedIn) -> Sequence[QueueLine]:
    """Return the urgent cases in nobody's hands that are decided first, for an officer who may decide them."""
    if not allows(officer.session.roles, officer.session.office_id, Permission.DECIDE_URGENT):
        return ()
    return queue(core, officer_id=officer.account_id, show=Show.FREE)[:MOST_PRESSING]


@router.get("/reviews/{reference}")
def review_form(request: Request, reference: ReferenceDep, officer: OfficerDep, core: CoreDep) -> Response:
    """Show one case with its reasons and facts; for one that is decided, ask first why it is opened."""
    try:
        case = look_at_review(core, officer_id=officer.account_id, reference=reference)
    except InvalidInputError:
        return form_page(request, "desk/review_reason.html", reference=reference)
    return _review_page(request, core, case)


@router.post("/reviews/{reference}")
def review_post(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: DeciderDep, core: CoreDep
) -> Response:
    """Accept, refuse (the paper too) or ask for a check, with a note; or open a decided case for a reason."""
    if "reason" in form.fields:
        return _opened_for_a_reason(request, core, officer.account_id, reference, form)
    try:
        _decide(core, officer.account_id, reference, form.text("decision"), form.text("note"))
    except MawidError as error:
        case = look_at_review(core, officer_id=officer.account_id, reference=reference, reason=TRIED)
        return _review_page(request, core, case, form, error)
    return told(core.settings, "/desk", f"review-{form.text('decision').replace('_', '-')}")


@router.get("/reviews/{reference}/paper/{number}")
def paper(reference: ReferenceDep, number: int, officer: DeciderDep, core: CoreDep) -> Response:
    """Show a page of the signed consent on which the request stands; each time is on record."""
    return image(read_paper_page(core, officer_id=officer.account_id, reference=reference, page=number))


@router.get("/appeals")
def appeals(request: Request, _officer: OfficerDep, core: CoreDep) -> Response:
    """List the open appeals by their last day; each is decided with its case."""
    return page(request, "desk/appeals.html", lines=appeals_due.list_appeals(core), zone=core.pack.country.time_zone)


def _decide(core: Core, officer_id: UUID, reference: str, decision: str, note: str) -> None:
    match decision:
        case "accept" | "refuse":
            decide_review(core, officer_id=officer_id, reference=reference, accept=decision == "accept", note=note)
        case "bad_paper":
            decide_review(core, officer_id=officer_id, reference=reference, accept=False, note=note, bad_paper=True)
        case "challenge":
            challenge_review(core, officer_id=officer_id, reference=reference, note=note)
        case _:
            raise InvalidInputError([FieldError("decision", "unknown")])


def _watches(officer: SignedIn) -> bool:
    return allows(officer.session.roles, officer.session.office_id, Permission.WATCH_APPROVALS)


def _opened_for_a_reason(request: Request, core: Core, officer_id: UUID, reference: str, form: Form) -> Response:
    try:
        case = look_at_review(core, officer_id=officer_id, reference=reference, reason=form.text("reason"))
    except InvalidInputError as error:
        return form_page(request, "desk/review_reason.html", form, error, reference=reference)
    return _review_page(request, core, case)


def _review_page(
    request: Request, core: Core, case: staff_views.Case, form: Form | None = None, error: MawidError | None = None
) -> Response:
    answer_by = case.appeal.answer_by if case.appeal and case.appeal.state is AppealState.OPEN else None
    pressing = appeals_due.due(answer_by, core.today()) if answer_by else None
    flags, zone = linking.flags(core, case.request.reference), core.pack.country.time_zone
    return form_page(
        request,
        "desk/review.html",
        form,
        error,
        case=case,
        flags=flags,
        zone=zone,
        due=pressing,
        paper=paper_of(core, reference=case.request.reference),
        facts=SCHEMA,
        why=partial(reason_for_officers, words=words_of(request)),
    )
