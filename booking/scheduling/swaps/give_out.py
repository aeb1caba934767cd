"""Give a decided night out: some whole chains at a time, each time in a transaction of its own."""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.places.rows import refuse_beside_a_draw
from booking.platform.models import SwapEntry, SwapNight, SwapOutcome, SwapState
from booking.scheduling.draws.beside import tried_again
from booking.scheduling.swaps.behind import Key
from booking.scheduling.swaps.carry_out import Chain, carry_out, chains, keep_outcomes, slices
from booking.scheduling.swaps.moves import Move
from booking.scheduling.swaps.nights import locked

_AT_ONCE: Final = 100
"""Moves whose appointments are locked together, for some tenths of a second; a busy machine may take longer."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def give_out(core: Core, night: SwapNight, moves: Sequence[Move]) -> bool:
    """Make those moves of a decided night of which its entries do not say yet what became of them.

    An entry says it in the transaction that makes the move. So whoever goes on after a process that died does what is
    left, and two of them do nothing twice. A chain in which a move is not sound waits.

    Parameters
    ----------
    moves
        All moves of the night, those that were made too.

    Returns
    -------
    bool
        Whether nobody waits any more.

    Raises
    ------
    DrawRunningError
        A draw counts on free places by now. What is left is given out when it is drawn.
    """
    while True:
        keys = _waiting(core, night)
        left = chains([one for one in moves if one.key in keys])
        whole = [chain for chain in left if all(one.sound for one in chain)]
        if not whole:
            return not keys
        count = len(keys)
        for part in slices(whole, _AT_ONCE):
            if not _given(core, night, part, count):
                break  # somebody else gives out too: what they did may have cut our chains
            count -= sum(map(len, part))


def keep_those_who_wait_in(session: Session, night: SwapNight, moves: Sequence[Move]) -> int:
    """Let all of a locked night stay where they are who wait and have no move that is sound; return how many."""
    stay = _keys(session, night) - {one.key for one in moves if one.sound}
    keep_outcomes(session, night, dict.fromkeys(sorted(stay), SwapOutcome.NO_PLACE))
    return len(stay)


def _given(core: Core, night: SwapNight, part: Sequence[Chain], left: int) -> bool:
    """Make the moves of some chains; return whether nobody else did any since ``left`` were counted.

    A chain whose rows the database refuses stays where it is, and keeps no other one from moving.
    """
    try:
        return tried_again(_move, core, night, part, left)
    except (IntegrityError, DataError) as error:
        if len(part) == 1:
            log.error("exchange_chain_refused", reference=night.reference, error=type(error).__name__)  # noqa: TRY400
            return tried_again(_keep, core, night, part, left)
    for chain in part:
        if not _given(core, night, [chain], left):
            return False
        left -= len(chain)
    return True


def _move(core: Core, night: SwapNight, part: Sequence[Chain], left: int) -> bool:
    with core.sessions.begin() as session:
        refuse_beside_a_draw(session)
        ours = _nobody_else_moved(session, night, left)
        if ours:
            carry_out(session, core, night, [one for chain in part for one in chain])
        return ours


def _keep(core: Core, night: SwapNight, part: Sequence[Chain], left: int) -> bool:
    with core.sessions.begin() as session:
        ours = _nobody_else_moved(session, night, left)
        if ours:
            keep_outcomes(session, night, {one.key: SwapOutcome.NO_PLACE for chain in part for one in chain})
        return ours


def _nobody_else_moved(session: Session, night: SwapNight, left: int) -> bool:
    """Lock the night; return whether those that were counted are still left, among them whoever is to move now."""
    locked(session, night.reference)
    return session.scalar(select(func.count(SwapEntry.number)).where(_waits(night))) == left


def _waiting(core: Core, night: SwapNight) -> set[Key]:
    with core.sessions() as session:
        return _keys(session, night)


def _keys(session: Session, night: SwapNight) -> set[Key]:
    rows = session.execute(select(SwapEntry.units, SwapEntry.number).where(_waits(night)))
    return {(units, number) for units, number in rows}


def _waits(night: SwapNight) -> ColumnElement[bool]:
    """Return the condition that somebody waits; nobody does in a night that was given up meanwhile."""
    goes_on = exists().where(SwapNight.id == night.id, SwapNight.state == SwapState.CLOSED)
    return and_(SwapEntry.night_id == night.id, SwapEntry.outcome.is_(None), goes_on)
