"""The wish of a stored request once more, for a request that takes its place."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.country.policy import limits as policy_limits
from booking.platform.models import Office, Request, RequestOffice
from booking.scheduling.requests.check_prerequisites import party_of
from booking.scheduling.requests.errands import errands_of
from booking.scheduling.requests.wish import ALL_WEEKDAYS, Also, Wish, is_visit_home


def same_wish(session: Session, request: Request) -> Wish:
    """Return the wish of a stored request as far as it says who comes for what, without offices, days and times.

    Services are left out for which nobody comes any more, since the account acts for none of their people.
    """
    errands = errands_of(request, party_of(session, request))
    first, *also = [errand for errand in errands if errand.members] or errands[:1]
    return Wish(
        service=first.service.code,
        people=tuple(member.id for member in first.members),
        also=tuple(Also(one.service.code, tuple(who.id for who in one.members), one.reason) for one in also),
        offices=(),
        bands=frozenset(),
        door=request.door,
        accessible=request.accessible,
        reason=first.reason,
        together=request.together,
    )


def wish_of_request(core: Core, *, account_id: UUID, reference: str) -> Wish | None:
    """Return who came for what by a request of the account, as `same_wish`; None where it has no such request."""
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        return None if request is None else same_wish(session, request)


def wish_with(session: Session, core: Core, request: Request, placed: Wish) -> Wish:
    """Return the wish of a request that was in a draw, widened by a place that its people choose instead of theirs.

    Offices that are closed for good, and days that are over, are left out. A request that was in no draw, since its
    place was booked at once, wished for that place alone; so does the other.

    Parameters
    ----------
    placed
        The same wish for the new place alone: its office, its day and its time of day.
    """
    day = placed.last_day
    if request.link_draw is None or day is None:
        return placed
    ranked = _still_open(session, core, request)
    codes = [office.code for _, office in ranked]
    most = policy_limits.read(session, LimitSpec).ranked_offices
    first, ends, needed_by = max(request.first_day, core.today()), request.last_day, request.needed_by
    home = next((choice for choice, _ in ranked if choice.first_day is not None), None)
    return replace(
        placed,
        offices=tuple(_first_of(codes, placed.offices, most)),
        bands=placed.bands | (set(request.bands.split(",")) & {band.code for band in core.pack.country.bands}),
        weekdays=frozenset(one for one in ALL_WEEKDAYS if request.weekdays >> one & 1) | {day.weekday()},
        first_day=min(first, day),
        last_day=None if ends is None else max(ends, day),
        needed_by=None if needed_by is None or needed_by < day else needed_by,
        home_first=None if home is None or home.first_day is None else max(home.first_day, core.today()),
        home_last=None if home is None else home.last_day,
    )


def is_of_its_place_alone(request: Request) -> bool:
    """Return whether a request with a place that was booked at once wished for that place and no other.

    One that was in a draw wishes for more (`wish_with`); those that the version before changed name their day alone.
    """
    return request.link_draw is None or request.first_day == request.last_day


def _first_of(codes: Sequence[str], chosen: Sequence[str], most: int) -> Sequence[str]:
    """Return the first offices of a ranking with those that were chosen: where they are ranked, or else first."""
    kept = codes[:most]
    return kept if set(chosen) <= set(kept) else [*chosen, *(one for one in codes if one not in chosen)][:most]


def _still_open(session: Session, core: Core, request: Request) -> Sequence[Row[RequestOffice, Office]]:
    """Return the offices that a request ranks and that can still be ranked, first choice first."""
    rows = session.execute(
        select(RequestOffice, Office)
        .join(Office, Office.id == RequestOffice.office_id)
        .where(RequestOffice.request_id == request.id, Office.active)
        .order_by(RequestOffice.rank)
    ).all()
    for_everyone = all(service.audience == "both" for service in request.services)
    return [
        row
        for row in rows
        if not is_visit_home(row.Office, request.door)
        or (for_everyone and row.RequestOffice.last_day is not None and row.RequestOffice.last_day >= core.today())
    ]
