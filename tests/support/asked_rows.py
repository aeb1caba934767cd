"""The requests of invented draws: how they are asked, in the log, and changed by their owners."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

import numpy as np

from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.format2.rows import Link, TurnReason
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.requests.receipt import WishRow, receipt_of
from tests.standalone.drawn import a_leaf
from tests.support.own_log import OwnLog


@dataclass
class Asked:
    """A request that waits: its wish as it was asked, its row in the log, and what it proves its turn by."""

    wish: WishRow
    logged: int | None
    person: bytes
    priority: int = 0
    lasting: int = 0
    link: Link | None = None
    holds: Days | None = None
    together: bytes | None = None
    reason: TurnReason | None = None

    @property
    def receipt(self) -> bytes:
        """The receipt of asking."""
        return receipt_of(self.wish)


def ask(
    random: np.random.Generator, log: OwnLog, largest: int, on: tuple[date, int], closes: datetime, *, never: bool
) -> Asked:
    """Ask: one in six for an office on some days only, one in six with papers that hold on some days only."""
    begin, days = on
    leaf: Leaf = a_leaf(random, largest, days, begin)
    wish, kind = leaf.wish, int(random.integers(6))
    span = Days(max(wish.first_day, begin), max(wish.first_day, begin) + timedelta(days=1))
    if never:
        wish = replace(wish, weekdays=0)
    if kind == 0:
        wish = replace(wish, windows=((wish.offices[0], span.first, span.last),))
    return Asked(wish, logged(log, wish, closes - timedelta(hours=2)), leaf.person, holds=span if kind == 1 else None)


def logged(log: OwnLog, wish: WishRow, at: datetime) -> int:
    """Put the receipt of a wish into the log; return its index."""
    return log.add(canonical({"receipt": receipt_of(wish).hex(), "type": "receipt"}), at)


def change(each: Asked, log: OwnLog, at: datetime, weekdays: int | None) -> None:
    """Let the owner of a request change it: to more weekdays, or so that it asks for nothing new."""
    before, nonce = each.receipt.hex(), sha256(each.wish.nonce).digest()[:16]
    each.wish = replace(each.wish, nonce=nonce, weekdays=each.wish.weekdays if weekdays is None else weekdays)
    each.logged = logged(log, each.wish, at)
    said = {"at": at.isoformat(), "by": each.receipt.hex(), "receipt": before, "type": "replaced"}
    log.add(canonical(said), at)
    each.priority = each.priority if weekdays is None else each.lasting
