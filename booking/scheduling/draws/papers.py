"""Before a draw: whose papers hold on which of its days, and who cannot take part yet because they hold on none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

from sqlalchemy import Uuid, and_, insert, select
from sqlalchemy.orm import Session, selectinload

from booking.country.core import messages
from booking.country.core.core import Core
from booking.country.packs.service import PrerequisiteSpec
from booking.people.prerequisites.chain import rules_of
from booking.people.prerequisites.standing import (
    Days,
    Known,
    Lack,
    Subject,
    days_without_lack,
    lacking,
    look_up,
    of_moment,
    residence_behind,
)
from booking.platform.base.arrays import any_of, insert_rows
from booking.platform.models import (
    Draw,
    DrawLeftOut,
    HouseholdMember,
    Message,
    Request,
    RequestMember,
    waits_for_draw,
)
from booking.scheduling.draws.turns import meets_horizon
from booking.scheduling.requests.wish_again import errands_of


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Whose a request is that cannot take part, its name, and what its people lack."""

    account_id: UUID
    reference: str
    lacks: Sequence[Lack]


@dataclass(frozen=True, slots=True)
class Papers:
    """Requests that cannot take part, and the days on which others can be served where papers hold on some only."""

    left_out: Mapping[UUID, _LeftOut] = field(default_factory=dict)
    days: Mapping[UUID, Days] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """What is known of people before a draw, and of whom (the ids of members) that was asked."""

    known: Known
    members: frozenset[int]


def ask_before(core: Core, draw: Draw) -> AskedAbout:
    """Ask registers about everybody for whom something must hold; no moment of the database is kept meanwhile."""
    with core.sessions() as session:
        people = _people(session, _requests(session, draw)).values()
        return AskedAbout(look_up(session, core, people), frozenset(member.id for member in people))


def papers_before(session: Session, draw: Draw, asked: AskedAbout) -> Papers | None:
    """Look at every waiting request that something must hold for on its day; nothing is locked or written.

    None where somebody waits since who was not asked about.
    """
    requests = _requests(session, draw)
    people, known = _people(session, requests), asked.known
    if not asked.members.issuperset(member.id for member in people.values()):
        return None
    left_out: dict[UUID, _LeftOut] = {}
    days: dict[UUID, Days] = {}
    for request in requests:
        # who was taken out of the party, as the account acts for them no more, keeps nobody else from taking part
        mine = [people.get((one.person_id, request.account_id)) for one in request.members]
        party = [one for one in mine if one is not None]
        wanted = _wanted(request, party, known)
        ends = [day for day in (request.last_day, request.needed_by, draw.horizon_last) if day is not None]
        window = Days(max(request.first_day, draw.horizon_first), min(ends))
        found = days_without_lack(((rules, subject) for rules, _, subject in wanted), window)
        if found is None:
            lacks = [
                replace(lack, position=place)
                for rules, place, subject in wanted
                for lack in lacking(rules, [subject], window.first)
            ]
            left_out[request.id] = _LeftOut(request.account_id, request.reference, lacks)
        elif found != window:
            days[request.id] = found
    return Papers(left_out, days)


def _wanted(
    request: Request, party: Sequence[HouseholdMember], known: Known
) -> list[tuple[list[PrerequisiteSpec], int, Subject]]:
    """Return what has to be there on the day for each service of a request: the rules, and whom of the party."""
    residence, places = residence_behind(request.door), {member.id: place for place, member in enumerate(party)}
    return [
        (of_moment(rules_of(errand.service), "on-the-day"), places[member.id], known.subject(member, residence))
        for errand in errands_of(request, party)
        for member in errand.members
    ]


def leave_out(session: Session, core: Core, draw: Draw, papers: Papers) -> None:
    """Keep who cannot take part, and tell them."""
    rows = [
        {"draw_id": draw.id, "request_id": request_id, "lacks": [asdict(lack) for lack in one.lacks]}
        for request_id, one in papers.left_out.items()
    ]
    if rows:
        session.execute(insert(DrawLeftOut), rows)
    notices = [
        messages.row(core, one.account_id, "request_left_out", {"reference": one.reference, "draw": draw.reference})
        for one in papers.left_out.values()
    ]
    insert_rows(session, Message, notices)


def _requests(session: Session, draw: Draw) -> Sequence[Request]:
    return session.scalars(
        select(Request)
        .where(
            Request.must_hold,
            waits_for_draw(),
            Request.created_at <= draw.closes_at,
            *meets_horizon(draw),
        )
        .order_by(Request.id)
        .options(selectinload(Request.members), selectinload(Request.errands))
    ).all()


def _people(session: Session, requests: Sequence[Request]) -> dict[tuple[UUID, UUID], HouseholdMember]:
    """Return the people of requests as their accounts know them, by person and account."""
    found = session.scalars(
        select(HouseholdMember)
        .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
        .join(Request, and_(Request.id == RequestMember.request_id, Request.account_id == HouseholdMember.account_id))
        .where(Request.id == any_of((request.id for request in requests), Uuid))
    )
    return {(member.person_id, member.account_id): member for member in found}
