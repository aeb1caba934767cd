"""Take and give back places: each by one conditional statement, never by look-then-write."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import BigInteger, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.platform.base.arrays import any_of
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawRunningError, SlotFullError
from booking.platform.models import (
    Appointment,
    AppointmentPlaces,
    Draw,
    Slot,
    SlotPool,
    UrgentRequest,
    counts_on_places,
)
from booking.platform.models.states import DrawState, Pool


def take(session: Session, slot_id: int, pool: Pool, places: int) -> None:
    """Take places of one pool in one slot; raises SlotFullError, and then nothing is taken."""
    taken = session.execute(
        update(SlotPool)
        .where(
            SlotPool.slot_id == slot_id,
            SlotPool.pool == pool,
            SlotPool.taken + places <= SlotPool.places,
        )
        .values(taken=SlotPool.taken + places)
        .returning(SlotPool.slot_id)
    ).one_or_none()
    if taken is None:
        raise SlotFullError


def give_back(session: Session, appointment: Appointment) -> None:
    """Give an ended appointment's places to a later draw, never straight back to where people book at once.

    Places of the draw and accessible pools become free for the next draw. Places of the instant pool move to the
    draw pool. Where no later draw can reach the day any more, they go to the walk-in pool. Places of the urgent pool
    stay there for another case, and those that were added to it are gone. Slots are locked in the order of their
    keys, so that two of these do not wait for each other.
    """
    target = _target(session, appointment)
    for claim in _in_order(appointment.places):
        if claim.pool is Pool.URGENT:
            _free_urgent(session, claim, added=_was_added(session, appointment))
        elif target is Pool.DRAW and claim.pool is not Pool.INSTANT:
            _move(session, claim.slot_id, {claim.pool: 0}, claim.pool, claim.places)
        else:
            _move(session, claim.slot_id, {claim.pool: -claim.places, target: claim.places}, claim.pool, claim.places)


def take_instead(session: Session, appointment: Appointment, slot_id: int, pool: Pool, places: int) -> None:
    """Take places of one pool in another slot, and give back those of an ended appointment, as `give_back` does.

    All slots are locked in the order of their keys: two people who each go to where the other was do not wait in a
    ring.

    Raises
    ------
    SlotFullError
        Not so many places are left; the caller's transaction must not be committed.
    """
    free_locked(session, {(one, pool) for one in (slot_id, *(claim.slot_id for claim in appointment.places))})
    take(session, slot_id, pool, places)
    give_back(session, appointment)


def free_again(session: Session, appointment: Appointment) -> None:
    """Free places where they were: of an instant hold that was never confirmed, or of a day whose places go anyway."""
    for claim in _in_order(appointment.places):
        if claim.pool is Pool.URGENT:
            _free_urgent(session, claim, added=_was_added(session, appointment))
        else:
            _move(session, claim.slot_id, {claim.pool: 0}, claim.pool, claim.places)


def first_to_draw(session: Session) -> date | None:
    """Return the first day of which a draw to come can give places; None while none is ahead."""
    ahead = Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN])
    return session.scalar(select(func.min(Draw.horizon_first)).where(ahead))


def pool_for(session: Session, day: date) -> Pool:
    """Return where free places of a day go: to a later draw, or where none can reach the day, to those who walk in."""
    earliest = first_to_draw(session)
    return Pool.WALK_IN if earliest is not None and day < earliest else Pool.DRAW


def _in_order(claims: Iterable[AppointmentPlaces]) -> list[AppointmentPlaces]:
    return sorted(claims, key=lambda claim: (claim.slot_id, claim.pool))


def _target(session: Session, appointment: Appointment) -> Pool:
    first = min(claim.slot_id for claim in appointment.places)
    return pool_for(session, session.scalars(select(Slot.local_day).where(Slot.id == first)).one())


def _was_added(session: Session, appointment: Appointment) -> bool:
    case_id = appointment.urgent_request_id
    return bool(session.scalar(select(UrgentRequest.over_pool).where(UrgentRequest.id == case_id)))


def _free_urgent(session: Session, claim: AppointmentPlaces, *, added: bool) -> None:
    change = claim.places if added else 0
    session.execute(
        update(SlotPool)
        .where(SlotPool.slot_id == claim.slot_id, SlotPool.pool == Pool.URGENT)
        .values(
            places=SlotPool.places - change,
            overbooked=SlotPool.overbooked - change,
            taken=SlotPool.taken - claim.places,
        )
    )


def _move(session: Session, slot_id: int, places: Mapping[Pool, int], freed: Pool, count: int) -> None:
    for pool, change in sorted(places.items()):
        if pool is freed:
            session.execute(
                update(SlotPool)
                .where(SlotPool.slot_id == slot_id, SlotPool.pool == pool)
                .values(places=SlotPool.places + change, taken=SlotPool.taken - count)
            )
        else:
            statement = insert(SlotPool).values(slot_id=slot_id, pool=pool, places=change, taken=0)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["slot_id", "pool"], set_={"places": SlotPool.places + change}
                )
            )


def refuse_beside_a_draw(session: Session) -> None:
    """Take the lock under which draws close: one either counted before, and is not drawn yet, or counts after us.

    Raises
    ------
    DrawRunningError
        A draw counts on places as they are.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
    if session.scalar(select(Draw.id).where(counts_on_places())) is not None:
        raise DrawRunningError


def free_locked(session: Session, wanted: Collection[tuple[int, Pool]]) -> dict[tuple[int, Pool], int]:
    """Return how many places are free in slots and pools, which stay so until commit; locked in the order of keys."""
    return _free(session, wanted, _pools(wanted).order_by(SlotPool.slot_id, SlotPool.pool).with_for_update())


def free_now(session: Session, wanted: Collection[tuple[int, Pool]]) -> dict[tuple[int, Pool], int]:
    """Return how many places are free in slots and pools at this moment; nothing is locked."""
    return _free(session, wanted, _pools(wanted))


def _pools(wanted: Collection[tuple[int, Pool]]) -> Select[int, Pool, int]:
    slots = any_of({slot_id for slot_id, _ in wanted}, BigInteger)
    free = SlotPool.places - SlotPool.taken
    return select(SlotPool.slot_id, SlotPool.pool, free).where(SlotPool.slot_id == slots)


def _free(
    session: Session, wanted: Collection[tuple[int, Pool]], pools: Select[int, Pool, int]
) -> dict[tuple[int, Pool], int]:
    rows = session.execute(pools)
    return {(slot_id, pool): free for slot_id, pool, free in rows if (slot_id, pool) in wanted}


def shift(session: Session, changes: Mapping[tuple[int, Pool], int]) -> None:
    """Take places of some slots and pools, and free those of others, each by a conditional statement.

    Raises
    ------
    SlotFullError
        There are not so many; the caller's transaction must not be committed.
    """
    for (slot_id, pool), change in sorted(changes.items()):
        if change > 0:
            take(session, slot_id, pool, change)
        elif change < 0:
            _move(session, slot_id, {pool: 0}, pool, -change)


def hand_to_walk_in(session: Session, slot_id: int, pool: Pool, count: int) -> None:
    """Let people who walk in have free places of a pool, of a day that no draw reaches any more."""
    _move(session, slot_id, {pool: -count, Pool.WALK_IN: count}, pool, 0)
