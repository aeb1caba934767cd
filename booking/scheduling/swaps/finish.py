"""State the result of a night whose moves are all given out: its file, its figures, its entry in the log."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allocation.swapping.in_line import exchange_in_line
from allocation.swapping.night import Night, ranks
from booking.country.core.core import Core
from booking.platform.base.errors import LoggedOtherwiseError
from booking.platform.base.exact_json import canonical
from booking.platform.models import SwapEntry, SwapNight, SwapOutcome, SwapState, SwapWish
from booking.scheduling.swaps.deciding import FORMAT, markets
from booking.scheduling.swaps.nights import is_given_up_in, locked, record
from booking.transparency.beacons.values import value_of
from booking.transparency.log.entries import instant, read_entry
from booking.transparency.log.log import append_in, logged_in, sequence


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets what in a night, as its closed file, its seed and the beacon's value fix it.

    ``nights`` and ``gets``: for each size of places, in the order of the file. ``hashed``: SHA-256 of the statement.
    """

    inputs: Mapping[str, Any]
    seed: bytes
    hashed: bytes
    signature: bytes
    nights: Sequence[Night]
    gets: Sequence[NDArray[np.int32]]

    def moving(self) -> set[tuple[int, int]]:
        """Return the sizes and numbers of those who are given another place than they have."""
        lines = zip(self.inputs["markets"], self.nights, self.gets, strict=True)
        return {
            (market["units"], number)
            for market, night, given in lines
            for number in np.flatnonzero(night.holds != given).tolist()
        }

    @classmethod
    def of(cls, inputs: bytes, *, seed: bytes, hashed: bytes, signature: bytes) -> Self:
        """Decide a night by its file; raises ValueError where the file is none."""
        read = json.loads(inputs)
        nights = markets(read, seed, value_of(signature) + hashed)
        return cls(read, seed, hashed, signature, nights, [exchange_in_line(one) for one in nights])


def entries_of(session: Session, night: SwapNight) -> Sequence[SwapEntry]:
    """Return who took part in a night, by size and number."""
    which = select(SwapEntry).where(SwapEntry.night_id == night.id)
    return session.scalars(which.order_by(SwapEntry.units, SwapEntry.number)).all()


def finish(core: Core, reference: str, decision: Decision) -> SwapNight:
    """State the result of a night that is given out, and let its wishes wait for the next one.

    A night that is done stays as it is. Where a restored backup does not know that it was done, it is done when the
    log says.

    Raises
    ------
    LoggedOtherwiseError
        The log says another result of it, or that it was given up; nothing was changed.
    """
    with core.sessions.begin() as session:
        night = locked(session, reference)
        if night.state is not SwapState.CLOSED:
            return night
        outcomes = _outcomes(decision, entries_of(session, night))
        stated = zip(decision.gets, outcomes, strict=True)
        markets_of = [{"gets": given.tolist(), "outcomes": became} for given, became in stated]
        night.result = canonical({"format": FORMAT, "markets": markets_of})
        night.figures = figures = _figures(decision, outcomes)
        digest = sha256(night.result).hexdigest()
        if is_given_up_in(session, reference):
            raise LoggedOtherwiseError
        before = logged_in(session, "exchange_result", reference)
        at = datetime.fromisoformat(read_entry(before)["at"]) if before else core.clock.now()
        night.seed, night.done_at, night.waits_for = decision.seed, at, None
        night.move_to(SwapState.DONE)
        session.execute(update(SwapWish).where(SwapWish.night_id == night.id).values(night_id=None))
        result = {
            "reference": reference,
            "at": instant(night.done_at),
            "statement": decision.hashed.hex(),
            "beacon": {"signature": decision.signature.hex(), "value": value_of(decision.signature).hex()},
            "seed": decision.seed.hex(),
            "moved": figures["moved"],
            "result": digest,
        }
        append_in(session, "exchange_result", result, reference)
        record(session, core, night, "done", moved=figures["moved"], result=digest)
    sequence(core)
    return night


def _outcomes(decision: Decision, rows: Iterable[SwapEntry]) -> list[list[SwapOutcome]]:
    """Return what became of each holder of each size: as their entry says it, as far as the rule leaves it open.

    Whose entry is gone, or says what cannot be, has what they had.
    """
    told = {(row.units, row.number): row.outcome for row in rows}
    found = []
    for market, night, given in zip(decision.inputs["markets"], decision.nights, decision.gets, strict=True):
        became = [
            SwapOutcome.KEPT if got == own else _given(told.get((market["units"], number)))
            for number, (got, own) in enumerate(zip(given.tolist(), night.holds.tolist(), strict=True))
        ]
        found.append(became)
    return found


def _given(said: SwapOutcome | None) -> SwapOutcome:
    return SwapOutcome.NO_PLACE if said in (None, SwapOutcome.KEPT) else said


def _figures(decision: Decision, outcomes: Sequence[Sequence[SwapOutcome]]) -> dict[str, int]:
    pairs = zip(decision.nights, decision.gets, strict=True)
    became = Counter(one for market in outcomes for one in market)
    return {
        "holders": became.total(),
        "moved": became[SwapOutcome.MOVED],
        "first_wish": sum(int((ranks(night, given) == 0).sum()) for night, given in pairs),
        "left": became[SwapOutcome.LEFT] + became[SwapOutcome.NO_PLACE],
    }
