"""One urgent case on the desk, with all that decides it. Opening it is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import open_national_number
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.people.hands.handling import find_case, reader_of, record
from booking.platform.models import (
    Account,
    Appointment,
    HouseholdMember,
    Office,
    RequestMember,
    RequestOffice,
    Slot,
    UrgentDecision,
    UrgentEvidence,
    UrgentRequest,
    Verdict,
)
from booking.platform.models.states import UrgentState
from booking.scheduling.urgent.lacking import Missing, missing_on
from booking.scheduling.urgent.places import UrgentPlace, free_places
from booking.scheduling.urgent.rows import URGENT
from booking.scheduling.urgent.views import Pressing, pressing, undo_until

MOST_PLACES: Final = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """Someone whom the case is about, as the account named them."""

    name: str
    relation: str
    birth_date: date
    national_number: str


@dataclass(frozen=True, slots=True)
class Step:
    """A decision in the case's history."""

    decision: UrgentDecision
    officer: str


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """The approval that a second person is asked about, and the place that is meant."""

    decision: UrgentDecision
    officer: str
    office: Office
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One case on the desk."""

    case: UrgentRequest
    pressing: Pressing
    mine: bool
    supervises: bool
    people: tuple[Subject, ...]
    offices: tuple[Office, ...]
    verdict: Verdict | None
    evidence: tuple[UrgentEvidence, ...]
    same_files: tuple[str, ...]
    history: tuple[Step, ...]
    other_cases: int
    helper: bool
    places: tuple[UrgentPlace, ...]
    added_places: tuple[UrgentPlace, ...]
    missing: tuple[Missing, ...]
    first: FirstApproval | None
    appointment: Appointment | None
    undo_until: datetime | None


def open_case(core: Core, *, officer_id: UUID, reference: str) -> OpenCase:
    """Return one case with its people, for an officer who claimed it or supervises the office; this goes on record.

    Raises
    ------
    CaseNotInHandsError
        Someone else has it, or nobody: it is claimed first.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case = find_case(URGENT, session, reference)
        reader = reader_of(URGENT, session, officer_id, case)
        record(URGENT, session, core, case=case, officer=reader.officer, action="read")
        most = policy_limits.read(session, UrgentLimits).urgent_overbooking_most
        deciding = case.state is UrgentState.ASSIGNED and reader.mine
        history = _history(session, case)
        last = history[-1].decision if history else None
        _ = case.request.services  # read here, while the session is open
        places = free_places(session, core, case)[:MOST_PLACES] if deciding else []
        added = free_places(session, core, case, beyond_pool=most)[:MOST_PLACES] if deciding and most else []
        return OpenCase(
            case=case,
            pressing=pressing(case, core.today()),
            mine=reader.mine,
            supervises=reader.supervises,
            people=_people(session, core, case),
            offices=_offices(session, case),
            verdict=session.scalars(
                select(Verdict)
                .where(Verdict.request_id == case.request_id)
                .order_by(Verdict.decided_at.desc())
                .limit(1)
            ).one_or_none(),
            evidence=tuple(one for one in case.evidence if one.removed_at is None),
            same_files=_same_files(session, case),
            history=history,
            other_cases=session.scalar(
                select(func.count())
                .select_from(UrgentRequest)
                .where(UrgentRequest.account_id == case.account_id, UrgentRequest.id != case.id)
            )
            or 0,
            helper=session.get_one(Account, case.account_id).registered_helper,
            places=tuple(places),
            added_places=tuple(added),
            missing=missing_on(session, core, case.request, [one.local_day for one in (*places, *added)]),
            first=_first(session, history),
            appointment=session.scalar(
                select(Appointment)
                .where(Appointment.urgent_request_id == case.id)
                .order_by(Appointment.created_at.desc())
                .limit(1)
            ),
            undo_until=undo_until(session, core, last) if last and last.officer_id == officer_id else None,
        )


def _people(session: Session, core: Core, case: UrgentRequest) -> tuple[Subject, ...]:
    members = session.scalars(
        select(HouseholdMember)
        .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
        .where(RequestMember.request_id == case.request_id, HouseholdMember.account_id == case.account_id)
        .order_by(RequestMember.position)
    )
    return tuple(
        Subject(
            member.name,
            member.relation,
            member.birth_date,
            open_national_number(core.vault, member.person),
        )
        for member in members
    )


def _offices(session: Session, case: UrgentRequest) -> tuple[Office, ...]:
    return tuple(
        session.scalars(
            select(Office)
            .join(RequestOffice, RequestOffice.office_id == Office.id)
            .where(RequestOffice.request_id == case.request_id)
            .order_by(RequestOffice.rank)
        )
    )


def _same_files(session: Session, case: UrgentRequest) -> tuple[str, ...]:
    """Return the other cases in which one of these very files was sent."""
    hashes: Sequence[bytes] = [one.sha256 for one in case.evidence]
    return tuple(
        session.scalars(
            select(UrgentRequest.reference)
            .join(UrgentEvidence, UrgentEvidence.urgent_request_id == UrgentRequest.id)
            .where(UrgentEvidence.sha256.in_(hashes), UrgentRequest.id != case.id)
            .distinct()
            .order_by(UrgentRequest.reference)
            .limit(MOST_PLACES)
        )
    )


def _history(session: Session, case: UrgentRequest) -> tuple[Step, ...]:
    rows = session.execute(
        select(UrgentDecision, Account.username)
        .join(Account, Account.id == UrgentDecision.officer_id)
        .where(UrgentDecision.urgent_request_id == case.id)
        .order_by(UrgentDecision.number)
    )
    return tuple(Step(decision, username) for decision, username in rows)


def _first(session: Session, history: Sequence[Step]) -> FirstApproval | None:
    step = next((one for one in history if one.decision.position == 1 and one.decision.undone_at is None), None)
    if step is None:
        return None
    office, starts_at = session.execute(
        select(Office, Slot.starts_at).join(Slot, Slot.office_id == Office.id).where(Slot.id == step.decision.slot_id)
    ).one()
    return FirstApproval(step.decision, step.officer, office, starts_at)
