"""What becomes of a person's turn when an account stops acting for them: the turn stays with the person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, union, update
from sqlalchemy.orm import Session, aliased

from booking.platform.models import (
    Appointment,
    Consent,
    IssuedCredential,
    Request,
    RequestErrand,
    RequestMember,
    UrgentRequest,
)
from booking.platform.models.states import LIVE_REQUEST_STATES


def keep_turns_in(session: Session, *, person_id: UUID, leaver: UUID, owner: UUID | None, now: datetime) -> list[str]:
    """Take a person's turns out of an account that is about to stop acting for them, in the caller's transaction.

    A request for the person alone goes to ``owner``, with its place, its priority and its reference; passes of it that
    the leaver put into a wallet end. One that holds something of the leaver's (evidence of an urgent case, a helper's
    consent) does not go, nor where the owner has a turn already: it is left, and ends with the claim. From a request
    for several people the person is taken out, and it goes on for the others; the last of them is left in it.

    Parameters
    ----------
    owner
        The account that goes on acting for the person; None where there is none.

    Returns
    -------
    list of str
        References of the requests that are the owner's now.
    """
    requests = session.scalars(
        select(Request)
        .join(RequestMember, RequestMember.request_id == Request.id)
        .where(Request.account_id == leaver, RequestMember.person_id == person_id, RequestMember.live)
        .where(Request.state.in_(LIVE_REQUEST_STATES))  # as it is once locked; members are read before
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    moved = []
    for request in requests:
        if any(member.live for member in request.members if member.person_id != person_id):
            _take_out(session, request, person_id)
        elif owner is not None and request.party_size == 1 and _can_move(session, request, person_id, owner):
            request.account_id = owner
            _member(session, request, person_id).proven = True
            _end_passes(session, request, now)
            moved.append(request.reference)
    session.flush()
    return moved


def _take_out(session: Session, request: Request, person_id: UUID) -> None:
    """Let the person ask elsewhere; the others of the party keep their place."""
    session.execute(
        update(RequestMember)
        .where(RequestMember.request_id == request.id, RequestMember.person_id == person_id)
        .values(proven=False, live=False)
    )


def _end_passes(session: Session, request: Request, now: datetime) -> None:
    session.execute(
        update(IssuedCredential)
        .where(
            IssuedCredential.ended_at.is_(None),
            IssuedCredential.appointment_id.in_(select(Appointment.id).where(Appointment.request_id == request.id)),
        )
        .values(ended_at=now)
    )


def _can_move(session: Session, request: Request, person_id: UUID, owner: UUID) -> bool:
    mine, others = aliased(RequestMember), aliased(Request)
    groups = union(
        select(RequestMember.exclusive_group).where(RequestMember.request_id == request.id),
        select(RequestErrand.exclusive_group).where(RequestErrand.request_id == request.id),
    )
    further = exists().where(
        RequestErrand.request_id == mine.request_id,
        RequestErrand.person_id == person_id,
        RequestErrand.exclusive_group.in_(groups),
    )
    has_turn = (
        exists()
        .where(mine.request_id == others.id, others.id != request.id, mine.person_id == person_id)
        .where(mine.live, (others.account_id == owner) | mine.proven, mine.exclusive_group.in_(groups) | further)
    )
    of_the_leavers = exists().where(UrgentRequest.request_id == request.id) | exists().where(
        Consent.request_id == request.id
    )
    return not session.scalar(select(func.coalesce(has_turn | of_the_leavers, False)))


def _member(session: Session, request: Request, person_id: UUID) -> RequestMember:
    return session.get_one(RequestMember, (request.id, person_id))
