"""Where a caller's requests stand, keeping an offer, giving something up: what text messages do, after a proof."""

from collections.abc import Callable
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from booking.country.core.messages import tell
from booking.country.core.security import By
from booking.desk.sms_commands.actions import Answer, Found, act, find_live, find_named, give_up, keep_offer
from booking.desk.sms_commands.commands import Asked
from booking.desk.telephone.turn import Turn
from booking.people.reaching.notice_text import say_notice
from booking.platform.base.errors import (
    DrawRunningError,
    MawidError,
    NotFoundError,
    OfferLapsedError,
    TooLateToCancelError,
)
from booking.platform.base.message_states import Command
from booking.platform.base.references import shown
from booking.platform.models import Account


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

    def keep(session: Session) -> Answer:
        found = _found(session, turn)
        if found is None:
            raise NotFoundError
        return keep_offer(session, turn.core, found)

    return _done(turn, keep)


def give_up_one(turn: Turn) -> str:
    """Give up the appointment, or the request that waits; by text message a code is sent first, as for the command.

    A text message belongs to the dialogue by its sender alone: who forges it goes on with what its owner showed.
    """
    reference = str(turn.answers.get("request", ""))
    if turn.call.by is By.SMS:
        return _done(turn, lambda session: _ask_code(session, turn, reference))
    return _done(turn, lambda session: give_up(session, turn.core, turn.account_id, reference))


def say(session: Session, turn: Turn, kind: str, reference: str) -> None:
    """Keep what a notice says of a reference, to be said next."""
    site = urlsplit(turn.core.settings.base_url).netloc
    turn.answers["told"] = say_notice(session, kind, reference, turn.speech, page=site)


def _found(session: Session, turn: Turn) -> Found | None:
    return find_named(session, [turn.account_id], turn.answers.get("request", ""))


def _ask_code(session: Session, turn: Turn, reference: str) -> Answer:
    account = session.get_one(Account, turn.account_id)
    return act(session, turn.core, [account], Asked(Command.CANCEL, reference), turn.phone)


def _done(turn: Turn, does: Callable[[Session], Answer]) -> str:
    """Do something in one transaction, and say what was done, in writing too, or why not."""
    phrases = turn.dialogue.phrases
    try:
        with turn.core.sessions.begin() as session:
            answer = does(session)
            if answer.outcome == "code_sent":
                turn.answers["told"] = turn.said(phrases.code_follows)
                return "told"
            [(kind, _), *_] = answer.notices
            reference = answer.reference or str(turn.answers.get("request", ""))
            if answer.outcome == "done":
                tell(session, turn.core, turn.account_id, kind, reference=reference)
                session.flush()
            say(session, turn, kind, reference)
    except (OfferLapsedError, TooLateToCancelError):
        turn.answers["told"] = turn.said(phrases.too_late)
    except DrawRunningError:
        turn.answers["told"] = turn.said(phrases.draw_running)
    except MawidError:
        turn.answers["told"] = turn.said(phrases.not_possible)
    return "told"
