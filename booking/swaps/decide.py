"""Decide a closed night: the beacon's value, who gets what, fixed before anybody moves; and let it be given out."""

import json
from hashlib import sha256

from booking.base.errors import DrawRunningError
from booking.base.exact_json import canonical
from booking.beacons.choose import fetch
from booking.beacons.terms import check
from booking.core.core import Core
from booking.draws.proofs import entry_of, statement_proof
from booking.models import SwapNight, SwapOutcome, SwapState
from booking.places.rows import refuse_beside_a_draw
from booking.swaps.behind import require_behind
from booking.swaps.carry_out import find_who_stay
from booking.swaps.errors import DamagedNightError
from booking.swaps.finish import Decision, entries_of, finish
from booking.swaps.give_out import give_out
from booking.swaps.moves import Move, moves_of
from booking.swaps.nights import found, locked, record, seed_of, statement_facts
from booking.transparency.asking import ask_witnesses
from booking.transparency.entries import write_entry
from booking.transparency.log import sequence


def decide(core: Core, reference: str) -> SwapNight:
    """Decide a closed night, move everybody to whom it gives a better place, and state the result.

    As long as its value is not there, or a draw counts on free places, the night says what it waits for. Decided again
    it goes on where it was, and does nothing twice.

    Raises
    ------
    DamagedNightError
        What was closed is not what the log says.
    booking.beacons.errors.BeaconError
        What came is not the value that was announced.
    NotFoundError
        There is no such night.
    """
    with core.sessions() as session:
        night = found(session, reference)
        if night.state is not SwapState.CLOSED:
            return night
        inputs = night.inputs or b""
    statement = entry_of(core, "exchange_statement", reference)
    _require_stated(night, inputs, statement)
    hashed = sha256(statement).digest()
    signature = night.beacon_signature or _asked(core, night, statement)
    if signature is None:
        with core.sessions() as session:
            return found(session, reference)  # with what it waits for
    check(night.beacon, hashed, signature)
    decision = Decision.of(inputs, seed=seed_of(core, night), hashed=hashed, signature=signature)
    try:
        night, moves = _fixed(core, reference, decision)
        if night.state is not SwapState.CLOSED:
            return night
        give_out(core, night, moves)
        return finish(core, reference, decision)
    except DrawRunningError:
        return _waits(core, reference, "draw")


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
        require_behind(session, core, night, decision.inputs, rows)
        moves = moves_of(night, decision.nights, decision.gets, {(row.units, row.number): row for row in rows})
        if not night.decided:
            stay = find_who_stay(session, core, moves)
            moving = {one.key for one in moves if one.key not in stay}
            for row in rows:
                key = row.units, row.number
                if key not in moving:
                    row.outcome = stay.get(key, SwapOutcome.KEPT)
            night.beacon_signature, night.waits_for = decision.signature, None
            gets = canonical({"gets": [given.tolist() for given in decision.gets]})
            record(session, core, night, "decided", moving=len(moving), gets=sha256(gets).hexdigest())
        return night, moves
