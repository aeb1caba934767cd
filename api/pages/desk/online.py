"""The desk of an agency: its queue of online cases, one case, and what an officer can do with it."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, OnlineOfficerDep
from api.pages.shared.answers import read_day
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from booking.base.errors import ForbiddenError, MawidError, NotFoundError
from booking.core.core import Core
from booking.models.online.states import OnlineAct
from booking.online import decide as deciding
from booking.online import officers
from booking.online.content import answer_row
from booking.online.errors import CaseNotInHandsError
from booking.online.officer_views import Show, check_agency, open_case, queue, read_page

router = APIRouter(prefix="/desk/online")

Action = Callable[[Core, UUID, str, Form], object]


def _with_reason(act: Callable[..., object]) -> Action:
    def run(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
        return act(core, officer_id=officer_id, reference=reference, reason=form.text("reason"), note=form.text("note"))

    return run


def _issue(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
    return deciding.issue(
        core,
        officer_id=officer_id,
        reference=reference,
        day=read_day("day", form.text("day")),
        time=form.text("time"),
        place=form.text("place"),
    )


ACTIONS: Final[Mapping[str, Action]] = {
    "claim": lambda core, officer_id, reference, _: officers.claim(core, officer_id=officer_id, reference=reference),
    "release": lambda core, officer_id, reference, _: officers.release(
        core, officer_id=officer_id, reference=reference
    ),
    "approve": _with_reason(deciding.approve),
    "refuse": _with_reason(deciding.refuse),
    "ask": _with_reason(deciding.ask_for_more),
    "issue": _issue,
    "revoke": _with_reason(deciding.revoke),
}
STAYS: Final = frozenset({"claim", "approve"})
"""After these the officer goes on with the same case; after all others with the queue."""


@router.get("")
def cases(request: Request, officer: OnlineOfficerDep, core: CoreDep, show: str = "all") -> Response:
    """List the open cases of the officer's agency, those that are due first."""
    return _queue_page(request, core, officer.account_id, show)


@router.get("/{reference}")
def case(request: Request, reference: ReferenceDep, officer: OnlineOfficerDep, core: CoreDep) -> Response:
    """Show one case to whoever has it; offer to take it where nobody has."""
    return _case_page(request, core, officer.account_id, reference)


@router.post("/{reference}")
def act(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: OnlineOfficerDep, core: CoreDep
) -> Response:
    """Do one thing with a case."""
    name = form.text("action")
    check_agency(core, officer_id=officer.account_id, reference=reference)
    if name not in ACTIONS:
        raise NotFoundError
    try:
        ACTIONS[name](core, officer.account_id, reference, form)
    except (NotFoundError, ForbiddenError):
        raise
    except CaseNotInHandsError as error:
        return _queue_page(request, core, officer.account_id, "all", error)
    except MawidError as error:
        return _case_page(request, core, officer.account_id, reference, form, error)
    return RedirectResponse(f"/desk/online/{reference}" if name in STAYS else "/desk/online", 303)


@router.get("/{reference}/papers/{paper_id}/{number}")
def paper(reference: ReferenceDep, paper_id: UUID, number: int, officer: OnlineOfficerDep, core: CoreDep) -> Response:
    """Show a page of a paper to the officer who has the case, or to a supervisor; each time is on record."""
    return image(read_page(core, officer_id=officer.account_id, reference=reference, paper_id=paper_id, page=number))


def _queue_page(request: Request, core: Core, officer_id: UUID, show: str, error: MawidError | None = None) -> Response:
    chosen = Show(show) if show in set(Show) else Show.ALL
    found = queue(core, officer_id=officer_id, show=chosen)
    return form_page(
        request,
        "desk/online.html",
        {},
        error,
        found=found,
        agency=core.pack.agency(found.agency),
        chosen=chosen.value,
        zone=core.pack.country.time_zone,
    )


def _case_page(
    request: Request,
    core: Core,
    officer_id: UUID,
    reference: str,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    try:
        opened = open_case(core, officer_id=officer_id, reference=reference)
    except CaseNotInHandsError:
        return form_page(request, "desk/online_claim.html", typed, error, reference=reference)
    view = opened.view
    return form_page(
        request,
        "desk/online_case.html",
        typed,
        error,
        opened=opened,
        view=view,
        rows=[(one, answer_row(one, view.answers[one.code])) for one in view.spec.fields if one.code in view.answers],
        decision_reasons={act.value: codes for act, codes in deciding.REASONS.items()},
        acts=OnlineAct,
        zone=core.pack.country.time_zone,
    )
