"""A person's own file about a draw: it opens their row, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from booking.platform.base.exact_json import one_line, read_line
from booking.scheduling.draws.files import Seat
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.kept import read_link, read_wished, wish_columns
from booking.scheduling.draws.format2.rows import Entrant, Link, draw_receipt, place_record
from booking.scheduling.draws.formats import code, hexadecimal, only_keys, shown, whole
from booking.scheduling.draws.leaf import ALSO, OPTIONAL, WISHED, Leaf
from booking.scheduling.requests.receipt import NONCE_BYTES, receipt_of

FORMAT: Final = "mawid-receipt-2"
LARGEST: Final = 1 << 20
_KEYS: Final = ("format", "draw", "leaf", "base", "wish", "link", "logged", "log_proof", "place")
_MOST_SIBLINGS: Final = 63
_HASH: Final = 32


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where a party sits, as its own receipt says, and the hashes that lead from there to ``places_root``."""

    bin: int | None
    first_slot: int | None
    units: tuple[int, ...]
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class OwnReceipt:
    """What a person's file says: the leaf's wish with this draw's nonce, and how to check it."""

    draw: str
    leaf: int
    base: bytes
    opened: Leaf
    link: Link | None
    logged: int
    log_proof: str | None
    place: OwnPlace | None

    @property
    def receipt(self) -> bytes:
        """The receipt in this draw."""
        return draw_receipt(self.opened)

    @property
    def asked(self) -> bytes:
        """The receipt of asking, which the log holds."""
        wish = read_wished(wish_columns(self.opened), self.base)[0]
        return receipt_of(wish)

    @property
    def before(self) -> bytes | None:
        """The link as this draw shows it."""
        return self.link.hash(self.base, self.draw) if self.link else None

    def place_record(self) -> bytes:
        """Return what ``places_root`` covers of this leaf; only where there is a result."""
        place = self.place or OwnPlace(None, None, (), ())
        seat: Seat = ()
        if place.bin is not None and place.first_slot is not None:
            seat = tuple((place.first_slot, units) for units in place.units)
        return place_record(self.leaf, place.bin or 0, seat, nonces.place_salt(self.base, self.draw))


def write_own_receipt(
    entrant: Entrant, reference: str, leaf: int, *, log_proof: str | None, place: OwnPlace | None
) -> bytes:
    """Write the file ``mawid-receipt-REFERENCE.json`` of the request at ``leaf`` in the draw ``reference``."""
    return one_line(
        {
            "format": FORMAT,
            "draw": reference,
            "leaf": leaf,
            "base": entrant.base.hex(),
            "wish": wish_columns(entrant.leaf),
            "link": entrant.link.columns() if entrant.link else None,
            "logged": entrant.logged,
            "log_proof": log_proof,
            "place": _place_columns(place) if place else None,
        }
    )


def own_place(number: int, seat: Seat, siblings: Sequence[bytes]) -> OwnPlace:
    """Return the place of a leaf as its own receipt says it; ``number`` of its bin, and where it sits."""
    units = tuple(count for _, count in seat)
    return OwnPlace(number if seat else None, seat[0][0] if seat else None, units, tuple(siblings))


def read_own_receipt(content: bytes) -> OwnReceipt:
    """Read a person's own file.

    Raises
    ------
    ValueError
        It is spelled in another way, or says what no such file can say.
    """
    data = only_keys(read_line(content, most=LARGEST), _KEYS, what="the receipt")
    if data["format"] != FORMAT:
        raise ValueError(f"the format is {shown(data['format'])}, expected {FORMAT}")
    base, draw = hexadecimal(data["base"], NONCE_BYTES), code(data["draw"])
    wished = only_keys(data["wish"], WISHED, (*OPTIONAL, ALSO), what="wish")
    wish, beside = read_wished(wished, nonces.draw_nonce(base, draw))
    opened = Leaf(wish, b"", b"", 0, **beside)
    if wish_columns(opened) != wished:
        raise ValueError("the wish is not written in the canonical way")
    if data["log_proof"] is not None and not isinstance(data["log_proof"], str):
        raise ValueError("log_proof is not a text")
    return OwnReceipt(
        draw=draw,
        leaf=whole(data["leaf"], "leaf", 0),
        base=base,
        opened=opened,
        link=read_link(data["link"]),
        logged=whole(data["logged"], "logged", 0),
        log_proof=data["log_proof"],
        place=_read_place(data["place"]),
    )


def _place_columns(place: OwnPlace) -> dict[str, Any]:
    return {
        "bin": place.bin,
        "first_slot": place.first_slot,
        "units": list(place.units),
        "siblings": [sibling.hex() for sibling in place.siblings],
    }


def _read_place(data: object) -> OwnPlace | None:
    if data is None:
        return None
    place = only_keys(data, ("bin", "first_slot", "units", "siblings"), what="place")
    if not isinstance(place["units"], list) or not isinstance(place["siblings"], list):
        raise ValueError("units or siblings are not a list")  # noqa: TRY004 - bad content, not a bad argument type
    units = tuple(whole(count, "units", 1) for count in place["units"])
    if len({place["bin"] is None, place["first_slot"] is None, not units}) > 1:
        raise ValueError("a place is not whole: bin, first slot and units go together")
    if len(place["siblings"]) > _MOST_SIBLINGS:
        raise ValueError(f"there are more than {_MOST_SIBLINGS} siblings")
    return OwnPlace(
        None if place["bin"] is None else whole(place["bin"], "bin", 0),
        None if place["first_slot"] is None else whole(place["first_slot"], "first_slot", 0),
        units,
        tuple(hexadecimal(sibling, _HASH) for sibling in place["siblings"]),
    )
