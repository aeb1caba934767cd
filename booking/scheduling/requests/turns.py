"""What of a request's turn counts for the wish that it has now."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.platform.models import Draw, Request, RequestEdit
from booking.scheduling.requests.receipt import WishRow, read_row
from booking.scheduling.requests.within import is_within


@dataclass(frozen=True, slots=True)
class TurnView:
    """The lost draws of a request: those that count now, and those that rest since its wish is another one.

    ``without_a_place``: how many of all of them count for a wish within the one that they were lost with alone, since
    no place fitted it.
    """

    counts: int
    rests: int
    without_a_place: int


def turn_view(request: Request) -> TurnView:
    """Return what of a request's turn counts, for its owner."""
    lost = request.lost_draws + request.resting_draws
    return TurnView(request.lost_draws, request.resting_draws, lost - request.lasting_draws)


def count_turns(session: Session, request: Request, wish: WishRow) -> None:
    """Count the lost draws of a request that waits for the wish that it has from now on.

    All count where the wish is within the one that the last draw froze; else only the lasting ones do, and the others
    rest. So nobody gathers turns where no place could ever fit and spends them elsewhere; and what is changed back
    before the next draw has lost nothing.
    """
    frozen = _frozen_wish(session, request)
    lost = request.lost_draws + request.resting_draws
    counts = lost if frozen is None or is_within(wish, frozen) else request.lasting_draws
    request.lost_draws, request.resting_draws = counts, lost - counts


def turn_of_successor(before: Request, was: WishRow, wish: WishRow) -> dict[str, Any]:
    """Return the columns of the turn that goes along to another request of the same people, with another wish.

    As where a wish is edited: all lost draws count for a wish within the one before, else the lasting ones alone. The
    others are gone, since nothing keeps the wish to which they could go back.

    Parameters
    ----------
    was
        The wish of the request before, which no edit has changed since the draw of its link.
    """
    counts_whole = before.link_draw is None or is_within(wish, was)
    return {
        "lost_draws": before.lost_draws if counts_whole else before.lasting_draws,
        "owed_turns": before.owed_turns,
        "lasting_draws": before.lasting_draws,
        "link_draw": before.link_draw,
        "link_list": before.link_list,
        "link_row": before.link_row,
    }


def _frozen_wish(session: Session, request: Request) -> WishRow | None:
    """Return the wish that the draw of the request's link froze: the first one that was replaced since.

    None where no draw froze any.
    """
    columns = session.scalar(
        select(RequestEdit.wish)
        .join(Draw, Draw.reference == request.link_draw)
        .where(RequestEdit.request_id == request.id, RequestEdit.edited_at >= Draw.closed_at)
        .order_by(RequestEdit.number)
        .limit(1)
    )
    return None if columns is None else read_row(columns)
