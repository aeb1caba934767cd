"""Requests that were made before their person was proven begin to count for one live request a person."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.platform.models import HouseholdMember, Person, Request, RequestMember


def count_live_requests(session: Session, proven: HouseholdMember) -> None:
    """Let the account's live requests with a proven member count, but for those of a group where another one does.

    Requests are locked in the order in which draws lock them, and then the person, as where somebody asks for several
    services; the unique index decides between two at once.
    """
    requests = session.scalars(
        select(Request)
        .where(
            Request.account_id == proven.account_id,
            Request.members.any(
                (RequestMember.person_id == proven.person_id) & RequestMember.live & ~RequestMember.proven
            ),
        )
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    if requests:
        session.execute(select(Person.id).where(Person.id == proven.person_id).with_for_update())
    for request in requests:
        member = next(one for one in request.members if one.person_id == proven.person_id)
        try:
            with session.begin_nested():
                member.proven = True
                session.flush()
        except IntegrityError:
            session.refresh(member)
