"""Where a caller's requests stand, keeping an offer, giving something up: what text messages do, after a proof."""

from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from booking.base.errors import MawidError
from booking.base.references import shown
from booking.core.messages import tell
from booking.reaching.acts import Answer, give_up, keep_offer, refusal
from booking.reaching.found import Found, find_live, find_named
from booking.reaching.notice_text import say_notice
from booking.telephone.turn import Turn


def find_requests(turn: Turn) -> str:
    """Return whether the account has anything that is not over."""
    with turn.core.sessions() as session:
        return "some" if find_live(session, [turn.account_id]) else "none"


def tell_status(turn: Turn) -> str:
    """Say where a request stands, and return what can be done about it."""
    now = turn.core.clock.now()
    with turn.core.sessions() as session:
        found = _found(session, turn)
        if found is None:
            return "gone"
        say(session, turn, found.status, found.names)
    turn.answers["reference"] = shown(found.reference)
    if found.is_offered(now):
        return "offered"
    return "ends" if found.can_end(now) else "over"


def confirm(turn: Turn) -> str:
    """Keep the offered place."""
    with turn.core.sessions.begin() as session:
        found = _found(session, turn)
        try:
            answer = keep_offer(session, turn.core, found) if found is not None else Answer("not_found", "status_over")
        except MawidError as error:
            answer = refusal(error)
        return _told(session, turn, answer)


def give_up_one(turn: Turn) -> str:
    """Give up the appointment, or the request that waits."""
    with turn.core.sessions.begin() as session:
        try:
            answer = give_up(session, turn.core, turn.account_id, turn.answers.get("request", ""))
        except MawidError as error:
            answer = refusal(error)
        return _told(session, turn, answer)


def say(session: Session, turn: Turn, kind: str, reference: str) -> None:
    """Keep what a notice says of a reference, to be said next."""
    site = urlsplit(turn.core.settings.base_url).netloc
    turn.answers["told"] = say_notice(session, kind, reference, turn.speech, page=site)


def _found(session: Session, turn: Turn) -> Found | None:
    return find_named(session, [turn.account_id], turn.answers.get("request", ""))


def _told(session: Session, turn: Turn, answer: Answer) -> str:
    """Say what was done, and send it in writing too where something was."""
    [(kind, _), *_] = answer.notices
    reference = answer.reference or str(turn.answers.get("request", ""))
    if answer.outcome == "done":
        tell(session, turn.core, turn.account_id, kind, reference=reference)
        session.flush()
    say(session, turn, kind, reference)
    return "told"
