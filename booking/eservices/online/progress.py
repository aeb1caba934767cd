"""A case that is complete and paid reaches its agency: it waits for an officer, or its result is issued at once."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.eservices.online.issue import ThingTakenError, make_result
from booking.eservices.online.originals import await_originals
from booking.eservices.online.rows import case_spec
from booking.people.payments.refund import end_payment
from booking.people.prerequisites.working_days import WorkingDays
from booking.platform.models import OnlineCase, OnlineDecision
from booking.platform.models.online.case import OnlineAct, OnlineState

AT_ONCE: Final = "issued_at_once"
TAKEN: Final = "thing_taken"


def go_on_when_paid(session: Session, core: Core, case_id: UUID) -> None:
    """Go on with a locked case that was paid; one that ended meanwhile, or changed, stays as it is."""
    case = session.get_one(OnlineCase, case_id)
    if case.state is OnlineState.AWAITING_PAYMENT:
        enter_agency(session, core, case)


def enter_agency(session: Session, core: Core, case: OnlineCase) -> None:
    """Put a locked case into its agency's queue, or issue its result where the service's file lets nobody judge.

    One whose original papers come by post waits for them first.
    """
    if not await_originals(session, core, case):
        _enter(session, core, case)


def enter_with_originals(session: Session, core: Core, case: OnlineCase) -> None:
    """Put a locked case whose original papers arrived into its agency's queue."""
    _enter(session, core, case, notice="online_papers_arrived")


def _enter(session: Session, core: Core, case: OnlineCase, notice: str = "") -> None:
    spec, now = case_spec(case), core.clock.now()
    case.move_to(OnlineState.SUBMITTED)
    case.submitted_at = case.submitted_at or now
    case.due_on = WorkingDays.of(core.pack).after(core.today(), spec.processing_days or 0)
    case.changed_at = now
    if spec.issued_at_once:
        _issue_at_once(session, core, case)
    tell(session, core, case.account_id, notice or f"online_{case.state.value}", reference=case.reference)


def _issue_at_once(session: Session, core: Core, case: OnlineCase) -> None:
    """Issue without an officer; one who paid for what another has meanwhile gets the money back."""
    try:
        make_result(session, core, case)
    except ThingTakenError:
        case.move_to(OnlineState.REFUSED)
        _note(session, core, case, OnlineAct.REFUSAL, TAKEN)
        end_payment(session, case.id)
    else:
        case.move_to(OnlineState.APPROVED)
        case.move_to(OnlineState.ISSUED)
        _note(session, core, case, OnlineAct.ISSUING, AT_ONCE)
    case.closed_at = core.clock.now()


def _note(session: Session, core: Core, case: OnlineCase, act: OnlineAct, reason: str) -> None:
    session.add(
        OnlineDecision(
            id=uuid4(), case_id=case.id, officer_id=None, act=act, reason_code=reason, note="", at=core.clock.now()
        )
    )
