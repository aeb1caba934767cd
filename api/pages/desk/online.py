"""The desk of an agency: its queue of online cases, one case, and what an officer can do with it."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OnlineOfficerDep
from api.pages.desk.hands import Action, Desk, with_reason
from api.pages.shared.answers import read_day
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import ReferenceDep
from booking.country.core.core import Core
from booking.eservices.online import decide
from booking.eservices.online.issue import answer_row
from booking.eservices.online.officers import ONLINE, PAPERS, Show, open_case, queue
from booking.people.hands.claim import read_page
from booking.platform.base.errors import MawidError
from booking.platform.models.online.case import OnlineAct

router = APIRouter(prefix="/desk/online")


def _issue(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
    return decide.issue(
        core,
        officer_id=officer_id,
        reference=reference,
        day=read_day("day", form.text("day")),
        time=form.text("time"),
        place=form.text("place"),
    )


ACTIONS: Final[Mapping[str, Action]] = {
    "approve": with_reason(decide.approve),
    "refuse": with_reason(decide.refuse),
    "ask": with_reason(decide.ask_for_more),
    "issue": _issue,
    "revoke": with_reason(decide.revoke),
}
_PROVEN: Final = frozenset({"revoke"})
"""What needs a fresh proof of who the officer is."""


@router.get("")
def cases(request: Request, officer: OnlineOfficerDep, core: CoreDep, show: str = "all") -> Response:
    """List the open cases of the officer's agency, those that are due first."""
    return _queue_page(request, core, officer.account_id, show)


@router.get("/{reference}")
def case(request: Request, reference: ReferenceDep, officer: OnlineOfficerDep, core: CoreDep) -> Response:
    """Show one case to the officer who has it; offer to take it where nobody has."""
    return DESK.show(request, core, officer.account_id, reference)


@router.post("/{reference}")
def act(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: OnlineOfficerDep, core: CoreDep
) -> Response:
    """Do one thing with a case."""
    if form.text("action") in _PROVEN:
        require_fresh_proof(core, officer, form)
    return DESK.act(request, core, officer.account_id, reference, form)


@router.get("/{reference}/papers/{paper_id}/{number}")
def paper(reference: ReferenceDep, paper_id: UUID, number: int, officer: OnlineOfficerDep, core: CoreDep) -> Response:
    """Show a page of a paper to the officer who has the case, or to a supervisor; each time is on record."""
    by = officer.account_id
    return image(read_page(core, PAPERS, officer_id=by, reference=reference, file_id=paper_id, page=number))


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
    typed: Form | None,
    error: MawidError | None,
) -> Response:
    opened = open_case(core, officer_id=officer_id, reference=reference)
    view = opened.view
    return form_page(
        request,
        "desk/online_case.html",
        typed,
        error,
        opened=opened,
        view=view,
        rows=[(one, answer_row(one, view.answers[one.code])) for one in view.spec.fields if one.code in view.answers],
        decision_reasons={act.value: codes for act, codes in decide.REASONS.items()},
        acts=OnlineAct,
        zone=core.pack.country.time_zone,
    )


DESK: Final = Desk(
    path="/desk/online",
    kind=ONLINE,
    actions=ACTIONS,
    stays=frozenset({"approve"}),
    queue_page=lambda request, core, officer_id, error: _queue_page(request, core, officer_id, "all", error),
    case_page=_case_page,
)
