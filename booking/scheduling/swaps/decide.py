"""Decide a closed night: the beacon's value, who gets what, fixed before anybody moves; and let it be given out."""

import json
from collections.abc import Container, Iterable
from hashlib import sha256

from sqlalchemy.exc import NoResultFound

from booking.country.core.core import Core
from booking.country.places.rows import refuse_beside_a_draw
from booking.platform.base.errors import DrawRunningError, LoggedOtherwiseError
from booking.platform.base.exact_json import canonical
from booking.platform.models import SwapEntry, SwapNight, SwapOutcome, SwapState
from booking.scheduling.draws.proofs import entry_of, statement_proof
from booking.scheduling.swaps.behind import Key, find_broken
from booking.scheduling.swaps.carry_out import Outcomes, find_who_stay
from booking.scheduling.swaps.damaged import Damage, end_undecidable, is_over, withhold
from booking.scheduling.swaps.errors import DamagedNightError
from booking.scheduling.swaps.finish import Decision, entries_of, finish
from booking.scheduling.swaps.give_out import give_out
from booking.scheduling.swaps.moves import Move, moves_of
from booking.scheduling.swaps.nights import found, locked, record, seed_of, statement_facts
from booking.transparency.beacons.choose import fetch
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import check
from booking.transparency.log.asking import ask_witnesses
from booking.transparency.log.entries import write_entry
from booking.transparency.log.log import sequence


def decide(core: Core, reference: str) -> SwapNight:
    """Decide a closed night, move everybody to whom it gives a better place, and state the result.

    As long as its value is not there, or a draw counts on free places, the night says what it waits for. Decided again
    it goes on where it was, and does nothing twice. Where what it stands on was changed after it was decided, it gives
    out what it still can, waits to be mended, and ends without the rest (`booking.scheduling.swaps.damaged`).

    Raises
    ------
    DamagedNightError
        What was closed is not what the log says; nothing was decided.
    booking.transparency.beacons.errors.BeaconError
        What came is not the value that was announced.
    NotFoundError
        There is no such night.
    """
    with core.sessions() as session:
        night = found(session, reference)
        if night.state is not SwapState.CLOSED:
            return night
        inputs = night.inputs or b""
    try:
        decision = _decision(core, night, inputs)
    except (DamagedNightError, BeaconError, ValueError):
        if not night.decided:
            raise
        return end_undecidable(core, reference)
    if decision is None:
        return _as_it_is(core, reference)  # with what it waits for
    try:
        return _given_out(core, reference, decision)
    except DrawRunningError:
        return _waits(core, reference, "draw")


def _given_out(core: Core, reference: str, decision: Decision) -> SwapNight:
    """Give out what is left of a night, and state its result once that is all; raises DrawRunningError."""
    night, moves = _fixed(core, reference, decision)
    if night.state is not SwapState.CLOSED:
        return night
    if not give_out(core, night, moves):
        if not is_over(core, reference, Damage.ROWS):
            return _as_it_is(core, reference)
        withhold(core, night, moves)
        give_out(core, night, moves)
    try:
        return finish(core, reference, decision)
    except LoggedOtherwiseError:  # it was done before, in a database that was lost, and is not the same again
        return end_undecidable(core, reference)


def _decision(core: Core, night: SwapNight, inputs: bytes) -> Decision | None:
    """Return who gets what, as it follows from what is kept and what the log says; None while the value is not there.

    Raises
    ------
    DamagedNightError
        What is kept is not what the log says.
    booking.transparency.beacons.errors.BeaconError
        The value is another one.
    ValueError
        The seed is not the committed one.
    """
    try:
        statement = entry_of(core, "exchange_statement", night.reference)
    except NoResultFound:  # the night, or the entry, is called another name
        raise DamagedNightError(night.reference) from None
    _require_stated(night, inputs, statement)
    hashed = sha256(statement).digest()
    signature = night.beacon_signature or _asked(core, night, statement)
    if signature is None:
        return None
    check(night.beacon, hashed, signature)
    return Decision.of(inputs, seed=seed_of(core, night), hashed=hashed, signature=signature)


def _require_stated(night: SwapNight, inputs: bytes, statement: bytes) -> None:
    """Refuse a night that somebody changed after its closing; raises DamagedNightError."""
    said = json.loads(statement)
    if night.closed_at is None:
        raise DamagedNightError(night.reference)
    facts = statement_facts(night, night.closed_at, inputs, said["holders"])
    if write_entry("exchange_statement", facts) != statement:
        raise DamagedNightError(night.reference)


def _asked(core: Core, night: SwapNight, statement: bytes) -> bytes | None:
    """Ask witnesses and beacon; return the value's signature, kept, or None with the reason kept."""
    sequence(core)
    ask_witnesses(core)
    stated = statement_proof(core, night.reference, announced="exchange_announcement", stated="exchange_statement")
    if stated is None:
        _waits(core, night.reference, "witnesses")
        return None
    signature = fetch(
        core, night.beacon, sha256(statement).digest(), reference=night.reference, of_log="exchange_statement"
    )
    if signature is None:
        _waits(core, night.reference, "beacon")
    return signature


def _as_it_is(core: Core, reference: str) -> SwapNight:
    with core.sessions() as session:
        return found(session, reference)


def _waits(core: Core, reference: str, why: str) -> SwapNight:
    with core.sessions.begin() as session:
        night = locked(session, reference)
        if night.state is SwapState.CLOSED:
            night.waits_for = why
        return night


def _fixed(core: Core, reference: str, decision: Decision) -> tuple[SwapNight, list[Move]]:
    """Fix who gets what before anybody moves: the value, who keeps their place, and all of it in the audit log.

    Whoever goes on after a process that died finds it fixed, and the same.
    """
    with core.sessions.begin() as session:
        refuse_beside_a_draw(session)
        night = locked(session, reference)
        if night.state is not SwapState.CLOSED:
            return night, []
        rows = entries_of(session, night)
        broken = find_broken(session, core, night, decision.inputs, rows)
        if broken and not night.decided:
            raise DamagedNightError(reference)
        entries = {(row.units, row.number): row for row in rows}
        moves = moves_of(night, decision.inputs["markets"], decision.nights, decision.gets, entries, broken)
        stay = {} if night.decided else find_who_stay(session, core, moves)
        _say_who_stays(rows, {key for key in decision.moving() if key not in stay}, stay)
        if not night.decided:
            night.beacon_signature, night.waits_for = decision.signature, None
            gets = canonical({"gets": [given.tolist() for given in decision.gets]})
            moving = len(moves) - len(stay)
            record(session, core, night, "decided", moving=moving, gets=sha256(gets).hexdigest())
        return night, moves


def _say_who_stays(rows: Iterable[SwapEntry], moving: Container[Key], stay: Outcomes) -> None:
    """Say what became of those who do not move, or moved, where it is not said, or is not said any more."""
    for row in rows:
        key = row.units, row.number
        if row.outcome is None and row.to_starts_at is not None:
            row.outcome = SwapOutcome.MOVED
        elif row.outcome is None and key not in moving:
            row.outcome = stay.get(key, SwapOutcome.KEPT)
