"""The desk of urgent cases: the queue, one case, and what an officer can do with it."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, UrgentOfficerDep
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from booking.base.errors import ForbiddenError, MawidError, NotFoundError
from booking.catalogue import views as directory
from booking.core.core import Core
from booking.counter.closing_views import displaced_urgent
from booking.models.requests.states import UrgentAct
from booking.urgent import approve as approving
from booking.urgent import claim as claiming
from booking.urgent import decide as deciding
from booking.urgent import reverse as reversing
from booking.urgent.errors import NotClaimedError
from booking.urgent.evidence import read_page
from booking.urgent.open_case import check_office, open_case
from booking.urgent.reasons import REASONS
from booking.urgent.views import Show, last_decision, queue

router = APIRouter(prefix="/desk/urgent")

Action = Callable[[Core, UUID, str, Form], object]


def _approve(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
    """Approve: ``place`` is "best", "this" with a ``slot``, or "added" with an ``added_slot`` beyond the pool."""
    beyond = form.text("place") == "added"
    chosen = form.numbers("added_slot" if beyond else "slot")
    return approving.approve(
        core,
        officer_id=officer_id,
        reference=reference,
        reason=form.text("reason"),
        note=form.text("note"),
        slot_id=chosen[-1] if chosen and form.text("place") != "best" else None,
        beyond_pool=beyond,
        going_on=form.text("going_on"),
    )


def _refer(core: Core, officer_id: UUID, reference: str, form: Form) -> None:
    claiming.refer(
        core,
        officer_id=officer_id,
        reference=reference,
        reason=form.text("reason"),
        note=form.text("note"),
        office_code=form.text("office") or None,
    )


def _with_reason(act: Callable[..., object]) -> Action:
    def run(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
        return act(core, officer_id=officer_id, reference=reference, reason=form.text("reason"), note=form.text("note"))

    return run


ACTIONS: Final[Mapping[str, Action]] = {
    "claim": lambda core, officer_id, reference, _: claiming.claim(core, officer_id=officer_id, reference=reference),
    "release": lambda core, officer_id, reference, _: claiming.release(
        core, officer_id=officer_id, reference=reference
    ),
    "approve": _approve,
    "deny": _with_reason(deciding.deny),
    "ask": _with_reason(deciding.ask_for_evidence),
    "refer": _refer,
    "second": _with_reason(approving.approve_second),
    "disagree": _with_reason(approving.disagree),
    "revoke": _with_reason(reversing.revoke),
    "undo": lambda core, officer_id, reference, form: reversing.undo(
        core, officer_id=officer_id, reference=reference, note=form.text("note")
    ),
}
STAYS: Final = frozenset({"claim", "undo"})
"""After these the officer goes on with the same case; after all others with the queue."""


@router.get("")
def cases(request: Request, officer: UrgentOfficerDep, core: CoreDep, show: str = "all") -> Response:
    """List the cases of the officer's office, the most pressing first."""
    return _queue_page(request, core, officer.account_id, show)


@router.post("")
def undo_last(request: Request, form: PostedDep, officer: UrgentOfficerDep, core: CoreDep) -> Response:
    """Undo one's own last decision, from the queue."""
    last = last_decision(core, officer.account_id)
    try:
        if last is None:
            raise NotFoundError
        reversing.undo(core, officer_id=officer.account_id, reference=last.case.reference, note=form.text("note"))
    except MawidError as error:
        return _queue_page(request, core, officer.account_id, "all", form, error)
    return RedirectResponse(f"/desk/urgent/{last.case.reference}", 303)


@router.get("/{reference}")
def case(request: Request, reference: ReferenceDep, officer: UrgentOfficerDep, core: CoreDep) -> Response:
    """Show one case to whoever has it; offer to take it where nobody has."""
    return _case_page(request, core, officer.account_id, reference)


@router.post("/{reference}")
def act(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: UrgentOfficerDep, core: CoreDep
) -> Response:
    """Do one thing with a case."""
    name = form.text("action")
    check_office(core, officer_id=officer.account_id, reference=reference)
    if name not in ACTIONS:
        raise NotFoundError
    try:
        ACTIONS[name](core, officer.account_id, reference, form)
    except (NotFoundError, ForbiddenError):
        raise
    except NotClaimedError as error:
        return _queue_page(request, core, officer.account_id, "all", None, error)
    except MawidError as error:
        return _case_page(request, core, officer.account_id, reference, form, error)
    return RedirectResponse(f"/desk/urgent/{reference}" if name in STAYS else "/desk/urgent", 303)


@router.get("/{reference}/evidence/{evidence_id}/{number}")
def evidence(
    reference: ReferenceDep, evidence_id: UUID, number: int, officer: UrgentOfficerDep, core: CoreDep
) -> Response:
    """Show a page of the evidence to the officer who has the case, or to a supervisor; each time is on record."""
    return image(
        read_page(core, officer_id=officer.account_id, reference=reference, evidence_id=evidence_id, page=number)
    )


def _queue_page(
    request: Request,
    core: Core,
    officer_id: UUID,
    show: str,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    chosen = Show(show) if show in set(Show) else Show.ALL
    return form_page(
        request,
        "desk/urgent.html",
        typed,
        error,
        lines=queue(core, officer_id=officer_id, show=chosen),
        chosen=chosen.value,
        last=last_decision(core, officer_id),
        displaced=displaced_urgent(core, officer_id=officer_id),
        reasons={one.code: one for one in core.pack.urgent_reasons},
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
    except NotClaimedError:
        return form_page(request, "desk/urgent_claim.html", typed, error, reference=reference)
    return form_page(
        request,
        "desk/urgent_case.html",
        typed,
        error,
        opened=opened,
        case=opened.case,
        reason=next((one for one in core.pack.urgent_reasons if one.code == opened.case.reason_code), None),
        decision_reasons={act.value: codes for act, codes in REASONS.items()},
        acts=UrgentAct,
        other_offices=[
            office
            for office in directory.list_offices(core, opened.case.request.door)
            if office.id != opened.case.office_id
        ],
        now=core.clock.now(),
        zone=core.pack.country.time_zone,
    )
