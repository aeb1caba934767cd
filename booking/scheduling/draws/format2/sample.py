"""A risk-limiting audit: so few lines, picked by a beacon, that would show one wrong line in a thousand."""

from collections.abc import Iterator, Mapping

from booking.scheduling.draws.archive import Check, WrongError, made
from booking.scheduling.draws.files import REQUESTS
from booking.scheduling.draws.format2.audit import (
    audit_signature,
    check_signature,
    picks,
    result_hash_of,
    sample_size,
    wrong_lines,
)
from booking.scheduling.draws.format2.everyone import Published, checks_for_everyone, read_published
from booking.scheduling.draws.format2.observers import Opened, open_leaf, places, read_opened
from booking.scheduling.draws.format2.tables import AUDIT, LINE
from booking.scheduling.draws.format2.trust import NOBODY, fixed_before
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.values import value_of


def audit_checks(files: Mapping[str, bytes], signature: bytes | None) -> Iterator[Check]:
    """Say how many lines are to be opened, which ones the beacon picks, and open them.

    Parameters
    ----------
    files
        The files of a draw; lines are opened where those of observers are among them.
    signature
        The beacon's for the audit, where it was brought by hand; else that of audit.json counts, if it is there.

    Raises
    ------
    DamagedFileError
        A file cannot be read.
    """
    draw = read_published(files)
    wrong = [(right, words) for right, words in checks_for_everyone(draw, NOBODY) if not right]
    yield from wrong
    if wrong:
        return
    lines = len(draw.line)
    size, found = sample_size(lines), wrong_lines(lines)
    missed = "all of them are missed at most once in a thousand times"
    yield True, f"of {lines} lines {size} are to be opened: if {found} or more are wrong, {missed}"
    signature = audit_signature(files) if signature is None else signature
    if signature is None:
        yield True, _where(draw)
        return
    yield made(lambda: fixed_before(draw.standing))
    try:
        check_signature(draw.standing, signature)
    except BeaconError as error:
        yield False, f"the signature: {error}"
        return
    picked = picks(value_of(signature), result_hash_of(draw.standing), lines, size)
    yield True, f"the beacon picks the leaves {' '.join(map(str, picked))} of {LINE}"
    if REQUESTS in files:
        yield from _opened(read_opened(draw), picked)


def _where(draw: Published) -> str:
    audit = draw.standing.result["audit"]
    if audit is None:
        return f"which ones: the group of witnesses signs for the result; {AUDIT} is missing, or give the signature"
    return f"which ones: the beacon's round {audit['round']} says; {AUDIT} is missing, or give the signature"


def _opened(opened: Opened, picked: list[int]) -> Iterator[Check]:
    """Open the picked lines: each wrong one is named."""
    places_right = made(lambda: places(opened))
    yield places_right
    if not places_right[0]:
        return
    wrong = []
    for leaf in picked:
        try:
            open_leaf(opened, leaf)
        except WrongError as error:
            wrong.append(str(error))
    yield from ((False, words) for words in wrong)
    yield not wrong, f"{len(picked) - len(wrong)} of {len(picked)} lines that were opened are right"
