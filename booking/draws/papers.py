"""Before a draw: whose papers hold on which of its days, and who cannot take part yet because they hold on none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from sqlalchemy import Uuid, and_, insert, select
from sqlalchemy.orm import Session, selectinload

from booking.base.arrays import any_of, insert_rows
from booking.core import messages
from booking.core.core import Core
from booking.draws.horizon import meets_horizon
from booking.models import Draw, DrawLeftOut, HouseholdMember, Message, Request, RequestMember
from booking.models.states import WAITING_FOR_DRAW
from booking.prerequisites.chain import rules_of
from booking.prerequisites.holding import Days
from booking.prerequisites.known import look_up, residence_behind
from booking.prerequisites.standing import days_without_lack, lacking, of_moment


@dataclass(frozen=True, slots=True)
class Papers:
    """Requests that cannot take part, and the days on which others can be served where papers hold on some only."""

    left_out: Sequence[UUID] = ()
    days: Mapping[UUID, Days] = field(default_factory=dict)


def papers_before(session: Session, core: Core, draw: Draw) -> Papers:
    """Look at every waiting request that something must hold for on its day; tell those who cannot take part."""
    requests = session.scalars(
        select(Request)
        .where(
            Request.must_hold,
            Request.state.in_(WAITING_FOR_DRAW),
            Request.created_at <= draw.closes_at,
            *meets_horizon(draw),
        )
        .order_by(Request.id)
        .options(selectinload(Request.members))
        .with_for_update(of=Request)
    ).all()
    people = _people(session, requests)
    known = look_up(session, core, people.values())
    left_out, days = [], {}
    for request in requests:
        rules = of_moment(rules_of(request.service), "on-the-day")
        residence = residence_behind(request.door)
        party = [known.subject(people[one.person_id, request.account_id], residence) for one in request.members]
        ends = [day for day in (request.last_day, request.needed_by, draw.horizon_last) if day is not None]
        window = Days(max(request.first_day, draw.horizon_first), min(ends))
        found = days_without_lack(rules, party, window)
        if found is None:
            left_out.append((request, lacking(rules, party, window.first)))
        elif found != window:
            days[request.id] = found
    if left_out:
        rows = [
            {"draw_id": draw.id, "request_id": request.id, "lacks": [asdict(lack) for lack in lacks]}
            for request, lacks in left_out
        ]
        session.execute(insert(DrawLeftOut), rows)
        notices = [
            messages.row(
                core,
                request.account_id,
                "request_left_out",
                {"reference": request.reference, "draw": draw.reference},
            )
            for request, _ in left_out
        ]
        insert_rows(session, Message, notices)
    return Papers([request.id for request, _ in left_out], days)


def _people(session: Session, requests: Sequence[Request]) -> dict[tuple[UUID, UUID], HouseholdMember]:
    """Return the people of requests as their accounts know them, by person and account."""
    found = session.scalars(
        select(HouseholdMember)
        .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
        .join(Request, and_(Request.id == RequestMember.request_id, Request.account_id == HouseholdMember.account_id))
        .where(Request.id == any_of((request.id for request in requests), Uuid))
    )
    return {(member.person_id, member.account_id): member for member in found}
