"""The check of a draw whose files are in format 2, as docs/draw-format.md says."""

from collections.abc import Iterator, Mapping, Sequence

from booking.scheduling.draws.archive import Check, made, made_in_turn
from booking.scheduling.draws.format2.earlier import priorities, read_earlier
from booking.scheduling.draws.format2.everyone import checks_for_everyone, read_published
from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.draws.format2.observers import checks_for_observers, read_opened
from booking.scheduling.draws.format2.own_check import own_checks
from booking.scheduling.draws.format2.tables import FOR_OBSERVERS
from booking.scheduling.draws.format2.trust import Trust
from booking.scheduling.draws.format2.whole_log import log_checks
from booking.scheduling.draws.formats import DamagedFileError

_FOR_REST = "checked what everyone may see; for the rest ask an observer, who has the wishes and the plan"


def checks_of(
    files: Mapping[str, bytes], receipt: bytes | None, before: Sequence[Mapping[str, bytes]], trust: Trust
) -> Iterator[Check]:
    """Check the files of a draw in format 2; raises DamagedFileError where one cannot be read."""
    everything = any(name in files for name in FOR_OBSERVERS)
    if before and not everything:
        raise DamagedFileError("what priorities follow from in earlier draws shows only with the files for observers")
    draw = read_published(files)
    opened = read_opened(draw) if everything else None
    earlier = [read_earlier(each) for each in before]
    yield True, "all files are there and readable"
    sound = True
    for right, words in checks_for_everyone(draw, trust):
        yield right, words
        sound &= right
    if not sound:  # what follows from other rows or another seed than the published ones proves nothing
        return
    copy = None if trust.mirror is None else LogCopy(trust.mirror)
    if receipt is not None:
        yield from own_checks(draw, receipt, copy)
    if copy is not None:
        yield from made_in_turn(log_checks(draw.standing, opened, copy, trust.checkpoint))
    if opened is None:
        yield True, _FOR_REST
        return
    yield from checks_for_observers(opened)
    if earlier:
        yield made(lambda: priorities(opened, earlier))
    elif opened.links():
        yield True, "that priorities follow from earlier draws is not checked: their folders were not given"
