"""A visit makes seen: whoever checks in stood before an officer with a document."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core.own_cases import refuse_own_request
from booking.platform.base.errors import OwnCaseError
from booking.platform.models import Appointment, HouseholdMember, Request, RequestMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import AppointmentState


def see_visitors_in(session: Session, request: Request, *, officer_id: UUID) -> None:
    """Raise the proven people of a request to seen, when its party checks in, in the caller's transaction.

    Nobody sees themselves: an officer who checks in their own person, household or phone changes no level. The proof
    and the register's grant stay as they are. An entry in which a proof or a dispute is being written at this moment is
    passed over: who waits at the door must not wait for it.
    """
    try:
        refuse_own_request(session, officer_id, request.id)
    except OwnCaseError:
        return
    for member in _entries(session, request, IdentityLevel.PROVEN):
        member.level = IdentityLevel.SEEN


def forget_visitors_in(session: Session, request: Request) -> None:
    """Take it back where a check-in is undone: other people stood there.

    Whom an officer saw at another visit, or by comparing them with a document, stays seen.
    """
    for member in _entries(session, request, IdentityLevel.SEEN):
        if member.proved_by is not ProofKind.OFFICER and not _came_before(session, request, member):
            member.level = IdentityLevel.PROVEN


def _entries(session: Session, request: Request, level: IdentityLevel) -> Sequence[HouseholdMember]:
    people = select(RequestMember.person_id).where(RequestMember.request_id == request.id)
    return session.scalars(
        select(HouseholdMember)
        .where(
            HouseholdMember.account_id == request.account_id,
            HouseholdMember.person_id.in_(people),
            HouseholdMember.level == level,
        )
        .order_by(HouseholdMember.id)
        .with_for_update(of=HouseholdMember, skip_locked=True)
    ).all()


def _came_before(session: Session, request: Request, member: HouseholdMember) -> bool:
    return bool(
        session.scalar(
            select(
                exists()
                .where(Appointment.request_id == Request.id, Request.id != request.id)
                .where(Request.account_id == member.account_id, RequestMember.request_id == Request.id)
                .where(RequestMember.person_id == member.person_id)
                .where(Appointment.state.in_([AppointmentState.CHECKED_IN, AppointmentState.SERVED]))
            )
        )
    )
