"""Decide a closed night: the beacon's value, who gets what, and all moves in one transaction."""

import json
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from allocation.swapping.in_line import exchange_in_line
from allocation.swapping.night import ranks
from booking.base.errors import DrawRunningError
from booking.base.exact_json import canonical
from booking.beacons.choose import fetch
from booking.beacons.terms import check
from booking.beacons.values import value_of
from booking.core.core import Core
from booking.draws.proofs import entry_of, statement_proof
from booking.models import SwapEntry, SwapNight, SwapOutcome, SwapState, SwapWish
from booking.places.rows import refuse_beside_a_draw
from booking.swaps.behind import require_behind
from booking.swaps.carry_out import carry_out, moves_of
from booking.swaps.deciding import FORMAT, markets
from booking.swaps.errors import DamagedNightError
from booking.swaps.nights import found, locked, record, seed_of, statement_facts
from booking.transparency.asking import ask_witnesses
from booking.transparency.entries import instant, write_entry
from booking.transparency.log import append_in, sequence


def decide(core: Core, reference: str) -> SwapNight:
    """Decide a closed night and move everybody to whom it gives a better place, all in one transaction.

    As long as its value is not there, or a draw counts on free places, the night says what it waits for. Decided again
    it changes nothing.

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
    signature = night.beacon_signature or _asked(core, night, statement)
    if signature is None:
        with core.sessions() as session:
            return found(session, reference)  # with what it waits for
    check(night.beacon, sha256(statement).digest(), signature)
    try:
        return _decided(core, night, inputs, statement, signature)
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


def _decided(core: Core, night: SwapNight, inputs: bytes, statement: bytes, signature: bytes) -> SwapNight:
    seed, hashed = seed_of(core, night), sha256(statement).digest()
    read = json.loads(inputs)
    nights = markets(read, seed, value_of(signature) + hashed)
    gets = [exchange_in_line(one) for one in nights]
    with core.sessions.begin() as session:
        refuse_beside_a_draw(session)
        night = locked(session, night.reference)
        if night.state is not SwapState.CLOSED:
            return night
        rows = session.scalars(
            select(SwapEntry).where(SwapEntry.night_id == night.id).order_by(SwapEntry.units, SwapEntry.number)
        ).all()
        require_behind(session, core, night, read, rows)
        entries = {(row.units, row.number): row for row in rows}
        done = carry_out(session, core, moves_of(night, nights, gets, entries))
        for key, row in entries.items():
            row.outcome = done.get(key, SwapOutcome.KEPT)
        night.result = canonical(
            {
                "format": FORMAT,
                "markets": [
                    {
                        "gets": given.tolist(),
                        "outcomes": [entries[units, number].outcome for number in range(len(given))],
                    }
                    for units, given in zip(sorted({units for units, _ in entries}), gets, strict=True)
                ],
            }
        )
        first = sum(int((ranks(one, given) == 0).sum()) for one, given in zip(nights, gets, strict=True))
        outcomes = [row.outcome for row in rows]
        figures: dict[str, Any] = {
            "holders": len(rows),
            "moved": outcomes.count(SwapOutcome.MOVED),
            "first_wish": first,
            "left": outcomes.count(SwapOutcome.LEFT) + outcomes.count(SwapOutcome.NO_PLACE),
        }
        night.figures, night.seed, night.beacon_signature = figures, seed, signature
        night.done_at, night.waits_for = core.clock.now(), None
        night.move_to(SwapState.DONE)
        session.execute(update(SwapWish).where(SwapWish.night_id == night.id).values(night_id=None))
        result = {
            "reference": night.reference,
            "at": instant(night.done_at),
            "statement": hashed.hex(),
            "beacon": {"signature": signature.hex(), "value": value_of(signature).hex()},
            "seed": seed.hex(),
            "moved": figures["moved"],
            "result": sha256(night.result).hexdigest(),
        }
        append_in(session, "exchange_result", result, night.reference)
        record(session, core, night, "done", moved=figures["moved"], result=result["result"])
    sequence(core)
    return night
