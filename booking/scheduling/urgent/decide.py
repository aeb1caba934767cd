"""An officer says no, or that something is missing. Saying yes is in `booking.scheduling.urgent.approve`."""

from datetime import timedelta
from uuid import UUID

from booking.country.core.core import Core
from booking.country.core.messages import tell_later
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.people.hands.handling import held_case
from booking.platform.models.states import UrgentAct, UrgentState
from booking.scheduling.urgent.rows import URGENT, decide


def deny(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Deny a claimed case; the request stays in the draw, and the person reads the note.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        case, officer = held_case(URGENT, session, reference, officer_id)
        decide(session, core, case=case, officer=officer, act=UrgentAct.DENIAL, reason=reason, note=note)
        case.move_to(UrgentState.DENIED)
        case.closed_at = now
        undo = timedelta(seconds=policy_limits.read(session, UrgentLimits).urgent_undo_seconds)
        tell_later(session, core, case.account_id, "urgent_denied", now + undo, reference=case.request.reference)


def ask_for_evidence(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Ask the person for more evidence, in the words of the note; the case comes back when they send it.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        case, officer = held_case(URGENT, session, reference, officer_id)
        decision = decide(
            session, core, case=case, officer=officer, act=UrgentAct.EVIDENCE_ASKED, reason=reason, note=note
        )
        case.move_to(UrgentState.NEEDS_EVIDENCE)
        case.evidence_note = decision.note
        case.assigned_at = now
        undo = timedelta(seconds=policy_limits.read(session, UrgentLimits).urgent_undo_seconds)
        tell_later(
            session, core, case.account_id, "urgent_needs_evidence", now + undo, reference=case.request.reference
        )
