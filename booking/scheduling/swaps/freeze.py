"""What a night counts on: who wishes for what, which places there are, and the file of it that names nobody."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, and_, func, select, text, update
from sqlalchemy.orm import Session, contains_eager, selectinload

from allocation.swapping.night import NOBODY_WAITS
from allocation.timetable import place_in_slots
from booking.country.core.core import Core
from booking.country.places.rows import first_to_draw
from booking.platform.base.arrays import any_of
from booking.platform.models import Appointment, Closure, Draw, Office, Request, Slot, SwapNight, SwapWish
from booking.platform.models.states import AppointmentState, ClosureState, DrawState, Pool, RequestState
from booking.scheduling.draws.freeze import free_runs, pseudonym
from booking.scheduling.requests.wish_again import days_to_come
from booking.scheduling.swaps.deciding import FORMAT, salt_of, salted_name
from booking.scheduling.swaps.wish import NOTICE, Choice, Kind, Wished, end_wishes, kinds, may_exchange

PSEUDONYM: Final = "exchange pseudonym"
Seat = list[list[int]]
"""Slots with their units."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who takes part: the place that they have, what they would rather have, and their ``id`` tonight.

    It follows from the appointment, not from a person: somebody may hold several, each with a place and a lot.
    """

    appointment: Appointment
    id: bytes
    kind: Kind
    seat: Seat
    wishes: Sequence[Kind]
    wished: Wished

    @property
    def units(self) -> int:
        """The size of the place."""
        return sum(units for _, units in self.seat)


@dataclass(slots=True)
class Market:
    """All places of one size: who has them, and the free ones of each kind."""

    units: int
    holders: list[Holder] = field(default_factory=list)
    free: dict[Kind, list[Seat]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Frozen:
    """A night as it was read: the public file, which places stand behind its numbers, and who takes part."""

    inputs: dict[str, Any]
    places: dict[str, Any]
    markets: Sequence[Market]


def freeze(session: Session, core: Core, night: SwapNight, now: datetime) -> Frozen:
    """Read who takes part in a night and which places are free for it; nothing is locked."""
    earliest = now + NOTICE
    reach = _last_drawn(session)
    found = _holders(session, core, night, earliest, reach)
    by_size: dict[int, Market] = {}
    for holder in found:
        by_size.setdefault(holder.units, Market(holder.units)).holders.append(holder)
    markets = [by_size[units] for units in sorted(by_size)]
    _share_out(session, markets, earliest, reach)
    waits_from = first_to_draw(session)
    inputs, places = [], []
    for market in markets:
        inside, outside = _file(market, waits_from, night.reference)
        inputs.append(inside)
        places.append(outside)
    return Frozen({"format": FORMAT, "markets": inputs}, {"markets": places}, markets)


def _holders(session: Session, core: Core, night: SwapNight, earliest: datetime, reach: date | None) -> list[Holder]:
    key, bands = core.vault.key(PSEUDONYM), [band.code for band in core.pack.country.bands]
    closing, serving = office_days_closing(session), serving_offices(session)
    rows = session.execute(
        select(Appointment, SwapWish)
        .join(SwapWish, SwapWish.appointment_id == Appointment.id)
        .join(Request, Request.id == Appointment.request_id)
        .options(contains_eager(Appointment.request), selectinload(Appointment.places))
        .where(
            Appointment.state == AppointmentState.CONFIRMED,
            Request.state == RequestState.DRAWN,
            Appointment.starts_at >= earliest,
        )
        .order_by(Appointment.id)
    ).all()
    rows = [row for row in rows if may_exchange(core, row[0])]
    slots = _slots(session, (claim.slot_id for one, _ in rows for claim in one.places))
    found = []
    for one, wish in rows:
        claims = sorted(one.places, key=lambda claim: slots[claim.slot_id].starts_at)
        pools = {claim.pool for claim in claims}
        if len(pools) != 1:
            continue
        first = slots[claims[0].slot_id]
        own = Kind(one.office.code, first.local_day, first.band, claims[0].pool)
        able = [Pool.ACCESSIBLE, Pool.DRAW] if one.request.accessible else [Pool.DRAW]
        wished = dict.fromkeys(kinds([Choice.of(choice) for choice in wish.choices], bands, able))
        offices = serving[one.request.accessible]
        days = days_to_come(session, core, one.request, {kind.day for kind in wished})
        found.append(
            Holder(
                one,
                pseudonym(key, night.id, one.id),
                own,
                [[claim.slot_id, claim.places] for claim in claims],
                [
                    kind
                    for kind in wished
                    if kind != own
                    and kind.day in days
                    and (reach is None or kind.day <= reach)
                    and kind.office in offices
                    and (offices[kind.office], kind.day) not in closing
                ],
                Wished(wish.choices, wish.nonce),
            )
        )
    return sorted(found, key=lambda one: one.id)  # of the random ids of one night, so their order tells nothing


def office_days_closing(session: Session) -> set[tuple[int, date]]:
    """Return the office-days that a supervisor is about to close: nobody is moved there, to be moved again."""
    rows = session.execute(
        select(Closure.office_id, Closure.local_day).where(
            Closure.state.in_([ClosureState.ASKED, ClosureState.PLANNED])
        )
    )
    return {(office_id, day) for office_id, day in rows}


def serving_offices(session: Session) -> Mapping[bool, Mapping[str, int]]:
    """Return the offices that serve people now, by whether these need step-free access: it may change after a wish."""
    rows = session.execute(select(Office.code, Office.id, Office.accessible).where(Office.active)).all()
    return {
        needed: {code: id_ for code, id_, accessible in rows if accessible or not needed} for needed in (False, True)
    }


def _slots(session: Session, ids: Iterable[int]) -> Mapping[int, Slot]:
    return {one.id: one for one in session.scalars(select(Slot).where(Slot.id == any_of(set(ids), BigInteger)))}


def _share_out(session: Session, markets: Sequence[Market], earliest: datetime, reach: date | None) -> None:
    """Cut free places for the sizes that take part, a place for each in turn, the largest first, whatever is wished."""
    if not markets or reach is None:
        return
    runs = free_runs(
        session,
        first=earliest.date(),
        last=reach,
        after=earliest,
        pools=(Pool.DRAW, Pool.ACCESSIBLE),
    )
    sizes = [market.units for market in reversed(markets)]
    by_size = {market.units: market for market in markets}
    for run in runs:
        kind, seated = Kind(run.office, run.day, run.band, run.pool), _cut(sum(run.free), sizes)
        if not seated:
            continue
        placed = place_in_slots(run.free, seated)
        for row, units in enumerate(seated):
            first, counts = placed.of(row)
            seat = [[run.slots[first + step], count] for step, count in enumerate(counts) if count]
            by_size[units].free[kind].append(seat)


def _cut(room: int, sizes: Sequence[int]) -> list[int]:
    """Return the sizes of the places into which a run with so many free units is cut, in their order.

    No slot of a run is full, so whatever its free units have room for is seated without a gap.
    """
    cut: list[int] = []
    grows = True
    while grows:
        grows = False
        for units in sizes:
            if units <= room:
                cut.append(units)
                room -= units
                grows = True
    return cut


def _last_drawn(session: Session) -> date | None:
    """Return the last day of which a draw has given places: later ones are for draws to come."""
    drawn = Draw.state.in_([DrawState.DRAWN, DrawState.PUBLISHED])
    return session.scalar(select(func.max(Draw.horizon_last)).where(drawn))


def _file(market: Market, waits_from: date | None, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what everyone reads of a market, with numbers for kinds, and what stands behind the numbers."""
    there = {holder.kind for holder in market.holders} | set(market.free)
    numbered = {kind: number for number, kind in enumerate(sorted(there, key=lambda _: secrets.token_bytes(8)))}
    circles: dict[tuple[str, Pool], int] = {}
    public, names = [], []
    for kind in numbered:
        waited = waits_from is None or kind.day >= waits_from
        circle = circles.setdefault((kind.office, kind.pool), len(circles)) if waited else NOBODY_WAITS
        free, pepper = market.free.get(kind, []), secrets.token_hex(16)
        name, salt = f"{kind.office} {kind.day.isoformat()} {kind.band} {kind.pool.value}", salt_of(pepper, free)
        public.append({"name": salted_name(salt, name), "free": len(free), "circle": circle})
        names.append({"name": name, "salt": salt, "pepper": pepper, "free": free})
    holders = [
        {
            "id": one.id.hex(),
            "priority": one.appointment.request.lost_draws,
            "holds": numbered[one.kind],
            "wishes": [numbered[kind] for kind in one.wishes if kind in numbered],
            "wish": one.wished.in_night(reference).hex(),
        }
        for one in market.holders
    ]
    return {"units": market.units, "kinds": public, "holders": holders}, {"kinds": names}


def lock_wishes(session: Session) -> None:
    """Let nobody make, change or take back a wish until commit, and wait for those who do.

    So the log has the receipts of all wishes that a night reads before its statement, and of no other one: else
    somebody could prove that they were left out who was a moment late.
    """
    session.execute(text("LOCK TABLE swap_wish IN EXCLUSIVE MODE"))


def bind(session: Session, core: Core, night: SwapNight, ids: Iterable[UUID]) -> None:
    """Mark the wishes on which a night counts: they stay as they are until it is decided. All others end."""
    counts = SwapWish.appointment_id == any_of(set(ids), Uuid)
    end_wishes(session, core, and_(~counts, SwapWish.night_id.is_(None)))
    session.execute(update(SwapWish).where(counts).values(night_id=night.id))
