"""A night of the exchange up to its closing: announced with a commitment to its seed, closed, or given up."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allocation.lottery import commitment, keeps_commitment
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.places.rows import refuse_beside_a_draw
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import canonical
from booking.platform.models import AuditEntry, SwapEntry, SwapNight, SwapState, SwapWish
from booking.scheduling.swaps.deciding import FORMAT
from booking.scheduling.swaps.errors import LateNightError
from booking.scheduling.swaps.freeze import Frozen, bind, freeze, lock_wishes
from booking.transparency.beacons.choose import terms
from booking.transparency.beacons.terms import earliest
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in, logged_in, sequence
from booking.transparency.log.witnesses import promised

SEED_BYTES: Final = 32
ABOUT_SEED: Final = "exchange seed"
ACTOR: Final = "exchange"


def found(session: Session, reference: str) -> SwapNight:
    """Return a night; raises NotFoundError."""
    night = session.scalar(select(SwapNight).where(SwapNight.reference == reference))
    if night is None:
        raise NotFoundError
    return night


def locked(session: Session, reference: str) -> SwapNight:
    """Return a night, locked until commit; raises NotFoundError."""
    night = session.scalar(select(SwapNight).where(SwapNight.reference == reference).with_for_update())
    if night is None:
        raise NotFoundError
    return night


def announce(core: Core, *, reference: str, closes_at: datetime) -> SwapNight:
    """Announce a night, commit to its seed, and say in the log which beacon will decide it."""
    seed, beacon, now = secrets.token_bytes(SEED_BYTES), terms(core, closes_at), core.clock.now()
    with core.sessions.begin() as session:
        night = SwapNight(
            reference=reference,
            state=SwapState.ANNOUNCED,
            announced_at=now,
            closes_at=closes_at,
            seed_commitment=commitment(seed),
            seed_ciphertext=core.vault.encrypt(seed.hex(), ABOUT_SEED),
            beacon=beacon,
            places={},
            figures={},
        )
        session.add(night)
        append_in(session, "exchange_announcement", announced_facts(night) | promised(core, now), reference)
        record(session, core, night, "announced", seed_commitment=night.seed_commitment.hex())
    sequence(core)
    return night


def close(core: Core, reference: str) -> SwapNight:
    """Close a night whose time has come: fix who takes part and which places are free, and state it in the log.

    Wishes in it stay as they are until it is decided; appointments can be cancelled all the same. Wishes that cannot
    take part end, as the log says before it has the statement. Closing again changes nothing.

    Raises
    ------
    DrawRunningError
        A draw counts on free places; the night closes when that is drawn.
    LateNightError
        Somebody may know the value that decides it by now; nothing was closed.
    LoggedOtherwiseError
        It was closed before, which the log says, and a backup from before that was restored; nothing was closed.
    NotFoundError
        There is no such night.
    """
    with core.sessions.begin() as session:
        refuse_beside_a_draw(session)
        night = locked(session, reference)
        if night.state is not SwapState.ANNOUNCED:
            return night
        now = core.clock.now()
        lock_wishes(session)  # so that nobody is moved by a wish that they changed while it was read
        frozen = freeze(session, core, night, now)
        inputs, holders = canonical(frozen.inputs), sum(len(market.holders) for market in frozen.markets)
        night.closed_at, night.inputs, night.places = now, inputs, frozen.places
        night.move_to(SwapState.CLOSED)
        session.flush()
        _enter(session, core, night, frozen)
        append_in(session, "exchange_statement", statement_facts(night, now, inputs, holders), reference)
        record(session, core, night, "closed", holders=holders, inputs=sha256(inputs).hexdigest())
        if is_too_late(core, night):  # it waited for a lock, or read for long
            raise LateNightError(reference)
    sequence(core)
    return night


def abandon(core: Core, reference: str) -> SwapNight:
    """Give up a night that cannot be decided any more: everybody keeps what they have, wishes wait for the next one.

    A night that is decided stays as it is: somebody may have moved.
    """
    with core.sessions.begin() as session:
        night = locked(session, reference)
        if night.state in (SwapState.ANNOUNCED, SwapState.CLOSED) and not night.decided:
            abandon_in(session, core, night)
        return night


def abandon_in(session: Session, core: Core, night: SwapNight, **details: int) -> None:
    """Give up a locked night, whatever was given out of it; the ``details`` are for the audit log."""
    night.move_to(SwapState.ABANDONED)
    night.waits_for = None
    session.execute(update(SwapWish).where(SwapWish.night_id == night.id).values(night_id=None))
    if not is_given_up_in(session, night.reference):
        given_up = {"reference": night.reference, "at": instant(core.clock.now())}
        append_in(session, "exchange_abandoned", given_up, night.reference)
    record(session, core, night, "abandoned", **details)


def is_given_up_in(session: Session, reference: str) -> bool:
    """Return whether the log says that a night was given up; a restored backup may not know of it."""
    return logged_in(session, "exchange_abandoned", reference) is not None


def is_too_late(core: Core, night: SwapNight) -> bool:
    """Return whether a night must not close any more: somebody may know the value that decides it."""
    comes = earliest(night.beacon)
    return comes is not None and core.clock.now() >= comes


def announced_facts(night: SwapNight) -> dict[str, Any]:
    """Return what announcement and statement say alike."""
    return {
        "reference": night.reference,
        "closes_at": instant(night.closes_at),
        "seed_commitment": night.seed_commitment.hex(),
        "beacon": night.beacon,
    }


def statement_facts(night: SwapNight, closed_at: datetime, inputs: bytes, holders: int) -> dict[str, Any]:
    """Return what the log says of a closing, beside its type."""
    return announced_facts(night) | {
        "format": FORMAT,
        "closed_at": instant(closed_at),
        "holders": holders,
        "inputs": sha256(inputs).hexdigest(),
    }


def seed_of(core: Core, night: SwapNight) -> bytes:
    """Return the committed seed; raises ValueError where it is another one, or cannot be opened."""
    try:
        seed = bytes.fromhex(core.vault.decrypt(night.seed_ciphertext, ABOUT_SEED))
    except InvalidTag:
        raise ValueError(f"the seed of night {night.reference} cannot be opened") from None
    if not keeps_commitment(seed, night.seed_commitment):
        raise ValueError(f"the seed of night {night.reference} is not the committed one")
    return seed


def record(session: Session, core: Core, night: SwapNight, step: str, **details: str | int) -> AuditEntry:
    """Append a step to the audit log."""
    action = f"exchange.{step}"
    return audit.append(
        session, at=core.clock.now(), actor=ACTOR, action=action, subject=night.reference, details=dict(details)
    )


def _enter(session: Session, core: Core, night: SwapNight, frozen: Frozen) -> None:
    for market in frozen.markets:
        for number, one in enumerate(market.holders):
            session.add(
                SwapEntry(
                    night_id=night.id,
                    units=market.units,
                    number=number,
                    appointment_id=one.appointment.id,
                    person_draw_id=one.id,
                    places=one.seat,
                    from_office_id=one.appointment.office_id,
                    from_starts_at=one.appointment.starts_at,
                    wish=one.wished.columns(),
                )
            )
    bind(session, core, night, (one.appointment.id for market in frozen.markets for one in market.holders))
