"""What priority follows from across draws: each row's earlier row, in the files of the draws before."""

from collections.abc import Mapping, Sequence

from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.files import REQUESTS
from booking.scheduling.draws.format2.everyone import checks_for_everyone, read_published
from booking.scheduling.draws.format2.observers import Opened, read_opened
from booking.scheduling.draws.format2.rows import Link, RowList, TurnReason
from booking.scheduling.draws.format2.tables import KEPT_TURNS, TURNS
from booking.scheduling.draws.format2.trust import NOBODY
from booking.scheduling.draws.format2.whole_log import Earlier, check_following
from booking.scheduling.draws.formats import DamagedFileError


def read_earlier(files: Mapping[str, bytes]) -> Earlier:
    """Read an earlier draw and check what everyone sees of it; raises DamagedFileError."""
    draw = read_published(files)
    wrong = [words for right, words in checks_for_everyone(draw, NOBODY) if not right]
    if wrong:
        raise DamagedFileError(f"the earlier draw {draw.standing.reference}: {wrong[0]}")
    return Earlier(draw, read_opened(draw) if REQUESTS in files else None)


def priorities(opened: Opened, before: Sequence[Earlier]) -> str:
    """Check that everyone's priority is what the row that they point to hands on; raises WrongError."""
    draws = _by_reference(opened, before)
    for list_, number, link in opened.links():
        if link.draw == opened.draw.standing.reference:
            continue
        where = f"{REQUESTS if list_ is RowList.LINE else KEPT_TURNS}, line {number + 1}"
        if link.draw not in draws:
            raise WrongError(f"{where}: it points to the draw {link.draw}, whose files were not given")
        row = opened.entrants[number] if list_ is RowList.LINE else opened.turns[number]
        check_following(row, draws[link.draw].hands_on(link, where), where)
    if any(turn.reason is TurnReason.BEFORE_FORMAT_2 for turn in opened.draw.turns):
        raise WrongError(f"{TURNS}: a turn from before this format stands in a later draw")
    _once([opened, *(each.opened for each in before if each.opened is not None)])
    return f"everyone's priority follows from their rows in {len(before)} earlier draws, and no row counts twice"


def _by_reference(opened: Opened, before: Sequence[Earlier]) -> dict[str, Earlier]:
    """Return the earlier draws by name; raises WrongError where one is not an earlier one of the same log."""
    draws: dict[str, Earlier] = {}
    this = opened.draw.standing
    for each in before:
        other = each.draw.standing
        if other.reference in {this.reference, *draws}:
            raise WrongError(f"the draw {other.reference} is there twice")
        if other.announcement["log"] != this.announcement["log"]:
            raise WrongError(f"the draw {other.reference} is in another log")
        if other.statement["receipts"]["size"] >= this.statement["receipts"]["size"]:
            raise WrongError(f"the draw {other.reference} is not an earlier one")
        draws[other.reference] = each
    return draws


def _once(draws: Sequence[Opened]) -> None:
    """Check that no two rows of all draws have the same earlier row; raises WrongError."""
    seen: dict[Link, str] = {}
    for each in draws:
        for _, _, link in each.links():
            other = seen.setdefault(link, each.draw.standing.reference)
            if other != each.draw.standing.reference:
                raise WrongError(
                    f"row {link.row} ({link.list}) of {link.draw} counts twice: in {other} and in "
                    f"{each.draw.standing.reference}"
                )
