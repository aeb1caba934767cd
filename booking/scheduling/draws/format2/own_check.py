"""Check one person's own receipt against what everyone sees of a draw."""

from collections.abc import Iterator

from allocation import lottery
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.archive import Check, WrongError, made, made_in_turn
from booking.scheduling.draws.format2.everyone import Published, row_in_words
from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.draws.format2.own_receipt import OwnReceipt, read_own_receipt
from booking.scheduling.draws.format2.seating import sits_well
from booking.scheduling.draws.format2.tables import LINE, NAMING_SERVICES, RESULT
from booking.scheduling.draws.format2.trust import log_key
from booking.scheduling.draws.formats import shown
from booking.scheduling.draws.leaf import RECEIPT_BYTES
from booking.transparency.log.notes import NoteError
from booking.transparency.log.proofs import read_proof


def own_checks(draw: Published, receipt: bytes, copy: LogCopy | None) -> Iterator[Check]:
    """Check a receipt of this draw or of asking, or the content of a person's own file.

    With a copy of the whole log, whoever has a receipt that another one replaced is told when, and by which.
    """
    if len(receipt) == RECEIPT_BYTES:
        yield made(lambda: _still_counts(draw, receipt, copy) or row_in_words(draw, receipt))
        return
    try:
        own = read_own_receipt(receipt)
    except ValueError as error:
        yield False, f"the own receipt: {error}"
        return
    if copy is not None:
        right, words = made(lambda: _still_counts(draw, own.asked, copy))
        if words:
            yield right, words
        if not right:
            return
    yield from made_in_turn([lambda: _row(draw, own), lambda: _asked(draw, own), lambda: _place(draw, own)])


def _still_counts(draw: Published, asked: bytes, copy: LogCopy | None) -> str:
    """Say that a receipt of asking was replaced since the closing, and nothing where it was not.

    Raises
    ------
    WrongError
        It was before.
    """
    told = None if copy is None else copy.replaced.get(asked)
    if told is None:
        return ""
    if told.index < draw.statement["receipts"]["size"]:
        raise WrongError(
            f"this receipt was replaced on {told.at} by {told.by}, which counts; keep both if that was not you"
        )
    return f"this receipt was replaced on {told.at} by {told.by}, after this draw was closed"


def _row(draw: Published, own: OwnReceipt) -> str:
    if own.draw != draw.standing.reference:
        raise WrongError(f"the own receipt is of the draw {shown(own.draw)}")
    if own.opened.wish.also and draw.statement["format"] not in NAMING_SERVICES:
        raise WrongError("the own receipt: a wish for several services cannot be in this draw")
    words = row_in_words(draw, own.receipt)
    row = draw.line[own.leaf] if own.leaf < len(draw.line) else None
    if row is None or row.receipt != own.receipt:
        raise WrongError(f"the own receipt names another leaf of {LINE}")
    if row.before != own.before:
        raise WrongError(f"{LINE}, leaf {own.leaf}: the earlier row is not the one that the own receipt names")
    if own.link is None:
        return words
    return f"{words}; its turn follows from row {own.link.row} ({own.link.list}) of the draw {own.link.draw}"


def _asked(draw: Published, own: OwnReceipt) -> str:
    if own.log_proof is None:
        raise WrongError("the own receipt does not prove that the log holds the request: download it again")
    entry = canonical({"receipt": own.asked.hex(), "type": "receipt"})
    try:
        proof = read_proof(own.log_proof.encode())
        proof.check(entry, [log_key(draw.standing.announcement["log"])])
    except (NoteError, UnicodeError) as error:
        raise WrongError(f"the own receipt: {error}") from error
    if proof.index != own.logged or own.logged >= draw.statement["receipts"]["size"]:
        raise WrongError("the own receipt: the request was not logged where it says, or not before the closing")
    return f"the log held the request before the closing, at {own.logged}"


def _place(draw: Published, own: OwnReceipt) -> str:
    row, place = draw.line[own.leaf], own.place
    if place is None:
        return "the own receipt is from before the result: download it again to check the place too"
    root = bytes.fromhex(draw.standing.result["places_root"])
    if not lottery.is_included(own.place_record(), own.leaf, len(draw.line), place.siblings, root):
        raise WrongError(f"the own receipt: its place is not under the root of the places in {RESULT}")
    if (place.bin is not None) != row.served:
        raise WrongError(f"{LINE}, leaf {own.leaf}: it does not say whether there is a place as the own receipt does")
    if place.bin is None or place.first_slot is None:
        return "the log holds that the request has no place"
    seat = tuple((place.first_slot, units) for units in place.units)
    if not sits_well(own.opened, draw.bins, place.bin, seat):
        raise WrongError("the own receipt: the place is not whole, not one that is free, or not one that was wished")
    each = draw.bins[place.bin]
    return f"the place is one that was wished, at {each.office} on {each.day.isoformat()}, and the log holds it"
