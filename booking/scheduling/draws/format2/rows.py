"""The rows of a draw in format 2: a place in the line, a turn kept outside of it, and the links between draws.

Records of trees are exact JSON of digits and hashes alone, in a fixed order: written out, they take a quarter of the
time that `canonical` takes, and each draw needs several for everyone in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol, Self

from allocation import lottery
from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.files import Seat
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.requests.receipt import WishRow, receipt_of


class RowList(StrEnum):
    """Where a row stands: line.csv or turns.csv."""

    LINE = "line"
    TURNS = "turns"


class TurnReason(StrEnum):
    """Why a turn is kept outside the line."""

    UNDER_REVIEW = "under-review"
    REGISTER = "register"
    DISPLACED = "displaced"
    UNLOGGED = "unlogged"
    BEFORE_FORMAT_2 = "before-format-2"
    """Draws lost before draws were published in this format: the word of the office, without a link."""


@dataclass(frozen=True, slots=True)
class Link:
    """An earlier row of the same request; ``row`` counts from 0."""

    draw: str
    list: RowList
    row: int

    def columns(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"draw": self.draw, "list": self.list.value, "row": self.row}

    def hash(self, base: bytes, reference: str) -> bytes:
        """Return what a row of the draw ``reference`` shows of it: only who knows the base nonce can open that."""
        return sha256(canonical(self.columns() | {"salt": nonces.link_salt(base, reference).hex()})).digest()


@dataclass(frozen=True, slots=True)
class Entrant:
    """A request in the line of a draw: the leaf as this draw shows it, and what is shown to observers alone.

    ``leaf.wish.nonce`` and ``leaf.receipt`` are those of this draw. ``base``: the base nonce. ``logged``: index of the
    receipt of asking in the log. ``lasting``: so much of the priority stays whatever the wish becomes; None before
    format 3.
    """

    leaf: Leaf
    base: bytes
    before: bytes | None
    link: Link | None
    logged: int
    lasting: int | None = None

    @classmethod
    def of(
        cls,
        wish: WishRow,
        reference: str,
        *,
        person: bytes,
        priority: int,
        logged: int,
        lasting: int | None = None,
        link: Link | None = None,
        holds: Days | None = None,
        together: bytes | None = None,
    ) -> Self:
        """Return the row of a wish as it was asked, with its base nonce, in the draw ``reference``."""
        base = wish.nonce
        shown = replace(wish, nonce=nonces.draw_nonce(base, reference))
        unsealed = Leaf(shown, b"", person, priority, holds, together)
        leaf = Leaf(shown, draw_receipt(unsealed), person, priority, holds, together)
        return cls(leaf, base, link.hash(base, reference) if link else None, link, logged, lasting)

    def record(self) -> bytes:
        """Return the bytes that the Merkle tree over the line covers."""
        return leaf_record(self.leaf.person, self.leaf.priority, self.leaf.receipt, self.before)

    def asked(self) -> bytes:
        """Return the receipt of asking, which the log holds."""
        return receipt_of(replace(self.leaf.wish, nonce=self.base))


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that is kept outside the line; ``logged`` is None where the log did not hold ``asked`` at closing.

    ``lasting`` as in `Entrant`.
    """

    asked: bytes
    base: bytes
    reason: TurnReason
    priority: int
    receipt: bytes
    before: bytes | None
    link: Link | None
    logged: int | None
    lasting: int | None = None

    @classmethod
    def of(
        cls,
        asked: bytes,
        base: bytes,
        reference: str,
        *,
        reason: TurnReason,
        priority: int,
        logged: int | None,
        lasting: int | None = None,
        link: Link | None = None,
    ) -> Self:
        """Return the row of a request in the draw ``reference``, from its receipt of asking and its base nonce."""
        receipt = turn_receipt(asked, base, reference, reason)
        before = link.hash(base, reference) if link else None
        return cls(asked, base, reason, priority, receipt, before, link, logged, lasting)

    def record(self) -> bytes:
        """Return the bytes that the Merkle tree over the turns covers."""
        return turn_record(self.receipt, self.priority, self.reason, self.before)


def beside_the_wish(leaf: Leaf) -> dict[str, Any]:
    """Return ``holds`` and ``together`` as JSON values, each only where the request has it."""
    holds = {"holds": [leaf.holds.first.isoformat(), leaf.holds.last.isoformat()]} if leaf.holds else {}
    return holds | ({"together": leaf.together.hex()} if leaf.together else {})


def draw_receipt(leaf: Leaf) -> bytes:
    """Return the receipt of a request in this draw: SHA-256 of its wish with the draw's nonce, 32 bytes."""
    return sha256(canonical(leaf.wish.columns() | beside_the_wish(leaf))).digest()


def leaf_record(person: bytes, priority: int, receipt: bytes, before: bytes | None) -> bytes:
    """Return what the Merkle tree over the line covers of a request."""
    shown = (
        f'{{"before":{_before(before)},"person":"{person.hex()}","priority":{priority},"receipt":"{receipt.hex()}"}}'
    )
    return shown.encode()


def turn_receipt(asked: bytes, base: bytes, reference: str, reason: str) -> bytes:
    """Return the receipt of a turn in the draw ``reference``."""
    nonce = nonces.turn_nonce(base, reference).hex()
    return sha256(f'{{"nonce":"{nonce}","reason":"{reason!s}","receipt":"{asked.hex()}"}}'.encode()).digest()


def turn_record(receipt: bytes, priority: int, reason: str, before: bytes | None) -> bytes:
    """Return what the Merkle tree over the turns covers of a row."""
    which = receipt.hex()
    return f'{{"before":{_before(before)},"priority":{priority},"reason":"{reason!s}","receipt":"{which}"}}'.encode()


def place_record(leaf: int, number: int, seat: Seat, salt: bytes) -> bytes:
    """Return what ``places_root`` covers of a leaf: bin, first slot and units, or none of them."""
    where = f'"bin":{number},"first_slot":{seat[0][0]}' if seat else '"bin":null,"first_slot":null'
    units = ",".join(str(taken) for _, taken in seat)
    return f'{{{where},"leaf":{leaf},"salt":"{salt.hex()}","units":[{units}]}}'.encode()


def place_records(salts: Iterable[bytes], bin_of_leaf: Sequence[int], seats: Sequence[Seat]) -> list[bytes]:
    """Return the records of the places of all leaves of a draw, in leaf order, with the place salt of each."""
    return [
        place_record(leaf, number, seat, salt)
        for leaf, (salt, number, seat) in enumerate(zip(salts, bin_of_leaf, seats, strict=True))
    ]


def _before(link: bytes | None) -> str:
    return f'"{link.hex()}"' if link else "null"


class Recorded(Protocol):
    """A row that a tree covers."""

    def record(self) -> bytes:
        """Return the bytes that the tree covers."""


def root_of(rows: Iterable[Recorded]) -> bytes:
    """Return the root over the records of rows, which stand by rising receipt."""
    return lottery.merkle_root([row.record() for row in rows])


def priority_after(list_: RowList, priority: int, *, served: bool) -> int:
    """Return the priority that a row hands on: one draw more where it stood in line and was not served."""
    return priority + (list_ is RowList.LINE and not served)
