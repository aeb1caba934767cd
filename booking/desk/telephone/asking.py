"""Asking for an appointment from answers given by keys: the use cases of the pages, refusals as words of a dialogue."""

import secrets

from booking.country.catalogue.views import reason_rule
from booking.desk.telephone.following import say, tell_status
from booking.desk.telephone.lists import LISTS
from booking.desk.telephone.memory import forget_draft, read_draft
from booking.desk.telephone.turn import Turn
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import AlreadyLiveError, MawidError, TooManyAttemptsError, WrongCodeError
from booking.platform.base.references import shown
from booking.platform.models.states import RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.asking.check_form import check_answers
from booking.scheduling.requests.prove import send_challenge
from booking.scheduling.requests.review import answer_challenge
from booking.scheduling.requests.wish import Wish

_PEOPLE = ("service", "people")
_ALL = ("service", "people", "reason", "offices", "weekdays", "bands", "first_day")


def find_draft(turn: Turn) -> str:
    """Return whether a request was begun in a call that broke off."""
    draft = read_draft(turn.core, turn.account_id)
    known = draft is not None and draft.step in turn.dialogue.by_name
    return "some" if known else "none"


def take_up(turn: Turn) -> str:
    """Go on where the other call broke off."""
    draft = read_draft(turn.core, turn.account_id)
    if draft is None or draft.step not in turn.dialogue.by_name:
        return "gone"
    turn.memory.answers, turn.memory.began, turn.jump = dict(draft.answers), draft.began, draft.step
    return "gone"


def drop_draft(turn: Turn) -> str:
    """Forget what was begun."""
    forget_draft(turn.core, turn.account_id)
    return "done"


def begin(turn: Turn) -> str:
    """Begin a request: a key makes sending it twice the same request."""
    drop_draft(turn)
    turn.memory.answers = {"key": secrets.token_urlsafe(16)}
    turn.memory.began = turn.core.clock.now().isoformat()
    return "done"


def need_reason(turn: Turn) -> str:
    """Return whether the service may need a reason."""
    turn.answers.pop("reason", None)
    try:
        return "no" if reason_rule(turn.service()) == "never" else "yes"
    except MawidError:
        return "no"


def check_people(turn: Turn) -> str:
    """Check who comes, as the page does before it asks where."""
    return _checked(turn, turn.wish(), _PEOPLE)


def review(turn: Turn) -> str:
    """Check all answers, and say them before they are sent."""
    outcome = _checked(turn, wish := turn.wish(), _ALL)
    if outcome != "fine":
        return "refused"
    speech, phrases = turn.speech, turn.dialogue.phrases
    comma = f"{speech.comma} "
    named = {of: {one.value: one.label for one in LISTS[of](turn)} for of in ("people", "offices", "bands")}
    answers = turn.answers
    days = [speech.weekday(int(day)) for day in answers.get("weekdays", ())]
    bands = [named["bands"][band] for band in answers.get("bands", ())]
    first = [] if wish.first_day is None else [f"{wish.first_day.day}/{wish.first_day.month}"]
    language = turn.memory.language
    start = phrases.from_day[language].format(day=first[0]) if first else phrases.soon[language]
    answers["service_name"] = speech.name(turn.service())
    answers["people_names"] = comma.join(named["people"][one] for one in answers["people"])
    answers["office_names"] = comma.join(named["offices"][one] for one in answers["offices"])
    answers["when"] = comma.join([*days, *bands, start])
    return "fine"


def send(turn: Turn) -> str:
    """Ask, as the page does; where the gate wants a check, send its code."""
    core, account_id = turn.core, turn.account_id
    try:
        asked = ask(
            core,
            account_id=account_id,
            wish=turn.wish(),
            origin=turn.origin(),
            idempotency_key=turn.answers.get("key"),
        )
    except MawidError as error:
        return _refused(error)
    forget_draft(core, account_id)
    turn.answers.update(request=asked.reference, reference=shown(asked.reference))
    with core.sessions() as session:
        say(session, turn, f"request_{asked.state.value}", asked.reference)
    if asked.state is not RequestState.CHALLENGED:
        return "told"
    try:
        send_challenge(core, account_id=account_id, reference=asked.reference, origin=turn.origin())
    except MawidError:
        return "told"  # it is completed on its page
    return "challenged"


def answer(turn: Turn) -> str:
    """Answer the gate's check with the code that was sent."""
    reference = turn.answers.get("request", "")
    code = turn.answers.pop("challenge", "")
    try:
        answer_challenge(turn.core, account_id=turn.account_id, reference=reference, code=code)
    except WrongCodeError:
        return "wrong"
    except MawidError:
        pass  # it was answered meanwhile, or its time is over: where it stands says which
    tell_status(turn)
    return "told"


def _checked(turn: Turn, wish: Wish, fields: tuple[str, ...]) -> str:
    try:
        check_answers(turn.core, account_id=turn.account_id, wish=wish, fields=fields)
    except MawidError as error:
        outcome = _refused(error)
        return "refused" if outcome == "too-many" else outcome
    return "fine"


def _refused(error: MawidError) -> str:
    if isinstance(error, IdentityLevelError):
        return "unproven"
    if isinstance(error, AlreadyLiveError):
        return "live"
    return "too-many" if isinstance(error, TooManyAttemptsError) else "refused"
