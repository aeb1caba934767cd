"""Withdraw a request that waits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models import Draw, Request, RequestEdit
from booking.platform.models.states import RequestState
from booking.scheduling.requests.receipt import WishRow, is_within, read_row
from booking.scheduling.requests.rows import answer_end, locked_hold, locked_request, refuse_during_draw

# The appointment that a request was asked instead of ended at the very instant of that request. One that its office
# could not keep did not move: the request after it was moved no more often. An end that is kept already stays as it is.
# ``places`` are those that the chain had from there on, of which the first counts only where it had no other. A free
# time that a place was changed for counts in its stead, so nothing before it does, also where the clock stood still.
_GIVEN_UP: Final = text(
    """
    WITH RECURSIVE chain AS (
        SELECT id AS last, id AS request_id, created_at, reschedules, CAST(NULL AS uuid) AS appointment_id,
            (SELECT count(*) FROM appointment WHERE request_id = request.id) AS places
        FROM request WHERE id = ANY(CAST(:requests AS uuid[]))
        UNION ALL
        SELECT after.last, before.request_id, before.created_at, before.reschedules, before.appointment_id,
            after.places + 1
        FROM chain AS after CROSS JOIN LATERAL (
            SELECT request.id AS request_id, request.created_at, request.reschedules, moved.id AS appointment_id
            FROM request_member AS same
            JOIN request_member AS earlier ON earlier.person_id = same.person_id
            JOIN request ON request.id = earlier.request_id AND request.reschedules = after.reschedules - 1
            JOIN appointment AS moved ON moved.request_id = request.id
                AND moved.ended_at = after.created_at AND moved.state = 'cancelled'
            WHERE same.request_id = after.request_id LIMIT 1) AS before
        WHERE after.reschedules > 0 AND NOT EXISTS (SELECT FROM appointment AS free
            WHERE free.request_id = after.request_id AND free.draw_id IS NULL AND free.urgent_request_id IS NULL)
    )
    INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
    SELECT chain.appointment_id, last.id, last.account_id, last.device_hash, last.phone_hash, 'cancelled', :at
    FROM chain JOIN request AS last ON last.id = chain.last
    WHERE chain.appointment_id IS NOT NULL AND (chain.places = 1 OR EXISTS (
        SELECT FROM chain AS earlier WHERE earlier.last = chain.last AND earlier.places > chain.places))
    ON CONFLICT (appointment_id) DO NOTHING
    """
)


def keep_given_up(session: Session, requests: Collection[UUID], at: datetime) -> None:
    """Keep the ends of the appointments that locked requests were moved from, as these are given up.

    Of several places one after another all count but the first: to move once is everybody's. Whose account a request
    is in by now gave the places up, for those who are in it still.

    Parameters
    ----------
    requests
        Of requests that were moved: those that their people withdrew, or let their days or their check run out, or
        whose own place they cancelled or left unconfirmed.
    """
    if requests:
        session.execute(_GIVEN_UP, {"requests": list(requests), "at": at})


def withdraw(core: Core, *, account_id: UUID, reference: str) -> None:
    """Take a waiting request back; its people may ask again at once.

    Raises
    ------
    NotFoundError
        The account has no such request.
    DrawRunningError
        A closed draw counts on it; its result can be declined in a few minutes.
    IllegalMoveError
        It is over, or an appointment exists (which is cancelled instead).
    """
    with core.sessions.begin() as session:
        withdraw_in(session, core, account_id=account_id, reference=reference)
        tell(session, core, account_id, "request_withdrawn", reference=reference)


def withdraw_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> None:
    """Do what `withdraw` does in the caller's transaction, without telling the person."""
    request = locked_request(session, reference, account_id=account_id)
    refuse_during_draw(session, request)
    checked_hold = request.state is RequestState.CHALLENGED and locked_hold(session, request) is not None
    if checked_hold or request.state in {RequestState.DRAWN, RequestState.HELD}:
        raise IllegalMoveError(request.state, RequestState.WITHDRAWN)
    request.move_to(RequestState.WITHDRAWN)
    if request.reschedules:
        keep_given_up(session, [request.id], core.clock.now())
    answer_end(session, core, request.id, RequestState.WITHDRAWN)


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
