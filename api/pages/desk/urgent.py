"""The desk of urgent cases: the queue, one case, and what an officer can do with it."""

from collections.abc import Mapping
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, UrgentOfficerDep, words_of
from api.pages.desk.hands import Action, Desk, with_reason
from api.pages.desk.reason_words import reason_for_officers
from api.pages.shared.banners import told
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import ReferenceDep
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.desk.counter.closing_views import displaced_urgent
from booking.people.hands.claim import read_page
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models.states import UrgentAct
from booking.scheduling.urgent import approve, claim, decide, reverse
from booking.scheduling.urgent.evidence import EVIDENCE
from booking.scheduling.urgent.open_case import open_case
from booking.scheduling.urgent.reasons import REASONS
from booking.scheduling.urgent.rows import URGENT
from booking.scheduling.urgent.views import Show, last_decision, queue

router = APIRouter(prefix="/desk/urgent")


def _approve(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
    """Approve: ``place`` is "best", "this" with a ``slot``, or "added" with an ``added_slot`` beyond the pool."""
    beyond = form.text("place") == "added"
    chosen = form.numbers("added_slot" if beyond else "slot")
    return approve.approve(
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
    claim.refer(
        core,
        officer_id=officer_id,
        reference=reference,
        reason=form.text("reason"),
        note=form.text("note"),
        office_code=form.text("office") or None,
    )


ACTIONS: Final[Mapping[str, Action]] = {
    "approve": _approve,
    "deny": with_reason(decide.deny),
    "ask": with_reason(decide.ask_for_evidence),
    "refer": _refer,
    "second": with_reason(approve.approve_second),
    "disagree": with_reason(approve.disagree),
    "revoke": with_reason(reverse.revoke),
    "undo": lambda core, officer_id, reference, form: reverse.undo(
        core, officer_id=officer_id, reference=reference, note=form.text("note")
    ),
}
_PROVEN: Final = frozenset({"second", "revoke"})
"""What needs a fresh proof of who the officer is."""


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
        reverse.undo(core, officer_id=officer.account_id, reference=last.case.reference, note=form.text("note"))
    except MawidError as error:
        return _queue_page(request, core, officer.account_id, "all", form, error)
    return told(core.settings, f"/desk/urgent/{last.case.reference}", "hands-undo")


@router.get("/{reference}")
def case(request: Request, reference: ReferenceDep, officer: UrgentOfficerDep, core: CoreDep) -> Response:
    """Show one case to the officer who has it; offer to take it where nobody has."""
    return DESK.show(request, core, officer.account_id, reference)


@router.post("/{reference}")
def act(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: UrgentOfficerDep, core: CoreDep
) -> Response:
    """Do one thing with a case."""
    if form.text("action") in _PROVEN:
        require_fresh_proof(core, officer, form)
    return DESK.act(request, core, officer.account_id, reference, form)


@router.get("/{reference}/evidence/{evidence_id}/{number}")
def evidence(
    reference: ReferenceDep, evidence_id: UUID, number: int, officer: UrgentOfficerDep, core: CoreDep
) -> Response:
    """Show a page of the evidence to the officer who has the case, or to a supervisor; each time is on record."""
    by = officer.account_id
    return image(read_page(core, EVIDENCE, officer_id=by, reference=reference, file_id=evidence_id, page=number))


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
    typed: Form | None,
    error: MawidError | None,
) -> Response:
    opened = open_case(core, officer_id=officer_id, reference=reference)
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
        why=partial(reason_for_officers, words=words_of(request)),
        other_offices=[
            office
            for office in catalogue.list_offices(core, opened.case.request.door)
            if office.id != opened.case.office_id
        ],
        now=core.clock.now(),
        zone=core.pack.country.time_zone,
    )


DESK: Final = Desk(
    path="/desk/urgent",
    kind=URGENT,
    actions=ACTIONS,
    stays=frozenset({"undo"}),
    queue_page=lambda request, core, officer_id, error: _queue_page(request, core, officer_id, "all", None, error),
    case_page=_case_page,
)
