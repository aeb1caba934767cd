"""Find one request or appointment of an account, locked for a change or not; and say that one ends.

Whose rows are held first where turns in several groups of services are written.

A request for several services writes turns that no index holds, so the database holds each of its people alone when it
is written, and when it counts again (migration 0045). Of two that come there with different rows in hand each would
wait for the other: so people are held before anything else. `docs/architecture.md` has the order of all.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.arrays import any_of
from booking.platform.base.errors import DrawRunningError, HoldExpiredError, IllegalMoveError, NotFoundError
from booking.platform.models import (
    Appeal,
    Appointment,
    Draw,
    HouseholdMember,
    Person,
    Request,
    RequestErrand,
    RequestMember,
)
from booking.platform.models.states import WAITING_FOR_DRAW, AppealState, AppointmentState, DrawState, RequestState


def take_turns(session: Session, people: Collection[UUID]) -> None:
    """Hold people whose turns in several groups are written, until commit and before anything else of them is held.

    Two that write the same ones in different orders would wait in a ring, each for the turn that the other has
    written. Whoever writes one turn a person only refers to them, and is not stopped.
    """
    if people:
        _hold(session, Person.id == any_of(set(people), Uuid))


def take_turns_again(session: Session, requests: Collection[UUID]) -> None:
    """Hold the people of stored requests that are asked once more, or count again; see `take_turns`.

    Only those of requests for several services; a request never gets more of them. Nothing of the requests may be
    held yet.
    """
    if requests:
        of_several = select(RequestErrand.person_id).where(RequestErrand.request_id == any_of(set(requests), Uuid))
        _hold(session, Person.id.in_(of_several))


def _hold(session: Session, people: ColumnElement[bool]) -> None:
    session.execute(select(Person.id).where(people).order_by(Person.id).with_for_update(key_share=True))


CHALLENGE_LIFETIME: Final = timedelta(days=3)
"""How long a challenged request waits for its check."""


def locked_request(session: Session, reference: str, *, account_id: UUID | None = None) -> Request:
    """Return a request, locked until commit; someone else's counts as unknown. Raises NotFoundError."""
    wanted = Request.reference == reference
    if account_id is not None:
        wanted &= Request.account_id == account_id
    request = session.scalars(select(Request).where(wanted).with_for_update(of=Request)).one_or_none()
    if request is None:
        raise NotFoundError
    return request


def locked_appointment(
    session: Session,
    reference: str,
    *,
    account_id: UUID | None = None,
    key_share: bool = False,
    asked_again: bool = False,
) -> Appointment:
    """Return an appointment, its request locked first and then itself.

    With ``account_id`` someone else's counts as unknown. With ``key_share`` others can still write rows that name it:
    for whoever waits for such a one. With ``asked_again`` its people are held first, where they come for several
    services (`take_turns_again`). Raises NotFoundError.
    """
    statement = (
        select(Appointment.request_id)
        .join(Request, Request.id == Appointment.request_id)
        .where(Appointment.reference == reference)
    )
    request_id = session.scalar(statement if account_id is None else statement.where(Request.account_id == account_id))
    if request_id is None:
        raise NotFoundError
    if asked_again:
        take_turns_again(session, [request_id])
    request = select(Request).where(Request.id == request_id).with_for_update(of=Request)
    # again while it is locked: a request may go to another account meanwhile (`booking.people.identity.acting`)
    request = request if account_id is None else request.where(Request.account_id == account_id)
    if session.scalars(request).one_or_none() is None:
        raise NotFoundError
    return session.scalars(
        select(Appointment)
        .where(Appointment.reference == reference)
        .with_for_update(of=Appointment, key_share=key_share)
    ).one()


def answer_end(session: Session, core: Core, request_id: UUID, how: RequestState) -> None:
    """End the open appeal of a locked request that ends, and let the subjects above do theirs (`Hooks.request_ended`).

    Nobody answers the appeal then: an answer in favour would bring back a request that nobody wants any more.
    """
    session.execute(
        update(Appeal)
        .where(Appeal.request_id == request_id, Appeal.state == AppealState.OPEN)
        .values(state=AppealState.WITHDRAWN)
    )
    for answer in core.hooks.request_ended:
        answer(session, core, request_id, how)


def refuse_during_draw(session: Session, request: Request) -> None:
    """Raise DrawRunningError when a closed draw counts on this request."""
    if request.draw_id is None or request.state not in WAITING_FOR_DRAW:
        return
    state = session.scalar(select(Draw.state).where(Draw.id == request.draw_id))
    if state is DrawState.CLOSED:
        raise DrawRunningError


def locked_hold(session: Session, request: Request) -> Appointment | None:
    """Return the place that is kept while a locked request waits for its check, locked too; None for one by draw."""
    return session.scalar(
        select(Appointment)
        .where(Appointment.request_id == request.id, Appointment.state == AppointmentState.OFFERED)
        .with_for_update(of=Appointment)
    )


def require_challenged(session: Session, request: Request) -> None:
    """Let go on only for a request that waits for its check.

    Raises
    ------
    HoldExpiredError
        It was an instant booking, and its place was not kept for so long.
    IllegalMoveError
        It waits for no answer.
    """
    if request.state is RequestState.CHALLENGED:
        return
    if request.state is RequestState.LAPSED and session.scalar(
        select(Appointment.id).where(Appointment.request_id == request.id, Appointment.draw_id.is_(None))
    ):
        raise HoldExpiredError
    raise IllegalMoveError(request.state, RequestState.ACCEPTED)


def people_of_requests(core: Core, account_id: UUID) -> dict[str, list[int]]:
    """Return the household members in each request of an account, by reference; who left the household is in none."""
    with core.sessions() as session:
        rows = session.execute(
            select(Request.reference, HouseholdMember.id)
            .join(RequestMember, RequestMember.request_id == Request.id)
            .join(HouseholdMember, HouseholdMember.person_id == RequestMember.person_id)
            .where(Request.account_id == account_id, HouseholdMember.account_id == account_id)
            .order_by(HouseholdMember.id)
        ).all()
    found: dict[str, list[int]] = {}
    for reference, member in rows:
        found.setdefault(reference, []).append(member)
    return found
