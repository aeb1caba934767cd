"""Ask for an appointment: form, limits, gate, then one transaction that keeps the request and its verdict.

Attempts that come while others are on their way to the database are read, judged and kept together: each gets its own
answer, and what is wrong with one of them stops no other. Those that may have to wait are kept beside the batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.idempotency import Claim, claim_keys, find_replays, fingerprint_of
from booking.country.core.security import Origin
from booking.platform.base.errors import AlreadyLiveError, MawidError
from booking.platform.base.outages import LOCK_ERRORS, is_outage
from booking.platform.models import Request, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.asking.check_form import Asking
from booking.scheduling.requests.judge_wish import Judged, judge_wishes
from booking.scheduling.requests.keep import Asked, New, asked_now, is_second_live, keep_new_members, keep_requests
from booking.scheduling.requests.new_request import NewRequest
from booking.scheduling.requests.new_rows import new_request
from booking.scheduling.requests.wish import Wish
from booking.transparency.log.views import receipt_places_in
from fraud.gate import Decision
from fraud.reasons import for_the_person

STATE_AFTER: Final = {
    Decision.ACCEPT: RequestState.ACCEPTED,
    Decision.CHALLENGE: RequestState.CHALLENGED,
    Decision.REVIEW: RequestState.UNDER_REVIEW,
    Decision.REFUSE: RequestState.REFUSED,
}
GROWS_SECONDS: Final = 0.02
"""So long a batch waits in a crowd for others: its statements cost as much as fifteen of its attempts."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt with the client's key and what has to be the same when it is repeated."""

    asking: Asking
    key: str | None
    fingerprint: bytes

    def claim(self, result: str = "") -> Claim:
        """Return the claim on its key, for what was made."""
        return Claim(self.asking.account_id, self.key, self.fingerprint, result)


@dataclass(frozen=True, slots=True)
class Alone:
    """An attempt that is finished by itself, so that nobody waits for what it waits for; ``new`` None is not judged."""

    attempt: Attempt
    new: New | None = None


def ask(core: Core, *, account_id: UUID, wish: Wish, origin: Origin, idempotency_key: str | None = None) -> Asked:
    """Ask for an appointment by draw.

    Parameters
    ----------
    idempotency_key
        The same key with the same wish gives the first answer again, and asks nothing new.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on requests is reached, for the account, the first person, the phone, device or network.
    AlreadyLiveError
        One of the people has a live request or appointment for this kind of service.
    IdempotencyConflictError
        The key came before, with another wish.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    attempt = _attempt(core, account_id, wish, origin, idempotency_key)
    found = cast("Asked | Alone", core.together.do(ask_all, attempt, grows=GROWS_SECONDS))
    return found if isinstance(found, Asked) else core.together.do(finish_all, found)


async def ask_in_loop(
    core: Core, *, account_id: UUID, wish: Wish, origin: Origin, idempotency_key: str | None = None
) -> Asked:
    """Do as `ask` in an event loop, which goes on meanwhile."""
    attempt = _attempt(core, account_id, wish, origin, idempotency_key)
    found = cast("Asked | Alone", await core.together.join(ask_all, attempt, grows=GROWS_SECONDS))
    return found if isinstance(found, Asked) else await core.together.join(finish_all, found)


def _attempt(core: Core, account_id: UUID, wish: Wish, origin: Origin, key: str | None) -> Attempt:
    return Attempt(Asking(core, account_id, wish, origin), key, fingerprint_of(wish.as_dict()))


def answer(session: Session, reference: str) -> Asked:
    """Read the answer to a repeated request back from what was stored."""
    request = session.scalars(select(Request).where(Request.reference == reference)).one()
    verdict = session.scalars(
        select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at).limit(1)
    ).one()
    return Asked(
        reference,
        request.state,
        verdict.decision,
        for_the_person(verdict.reasons),
        request.receipt.hex(),
        replayed=True,
    )


_Answers = dict[int, Asked | Alone | Exception]


def ask_all(attempts: Sequence[Attempt]) -> list[Asked | Alone | Exception]:
    """Judge attempts together and keep them together; the answers are in their order.

    What is better alone is an answer too, for `finish_all`.
    """
    core = attempts[0].asking.core  # the cores of calls differ in the limiter alone
    answers: _Answers = {place: Alone(attempts[place]) for place in _twins(attempts)}
    places = [place for place in range(len(attempts)) if place not in answers]
    with core.sessions.reading() as session:
        answers |= _replayed(session, attempts, places)
        places = [place for place in places if place not in answers]
        judged = judge_wishes(session, core, "ask", [attempts[place].asking for place in places]) if places else []
        refused = [place for place, one in zip(places, judged, strict=True) if isinstance(one, Exception)]
        kept_meanwhile = _replayed(session, attempts, refused)
    new: dict[int, tuple[Attempt, New]] = {}
    for place, one in zip(places, judged, strict=True):
        if isinstance(one, Exception):
            answers[place] = kept_meanwhile.get(place, one)
        else:
            new[place] = attempts[place], _new(core, attempts[place].asking, one)
    alone = _better_alone({place: one.request for place, (_, one) in new.items()})
    answers |= {place: Alone(*new[place]) for place in alone}
    if rest := {place: one for place, one in new.items() if place not in alone}:
        answers |= _keep(core, rest)
    return [answers[place] for place in range(len(attempts))]


def _replayed(session: Session, attempts: Sequence[Attempt], places: Sequence[int]) -> _Answers:
    """Return the first answers of those whose key came before; a twin may be kept while its repetition is judged."""
    found = find_replays(session, [attempts[place].claim() for place in places])
    kept: _Answers = {
        place: one if isinstance(one, MawidError) else answer(session, one)
        for place, one in zip(places, found, strict=True)
        if one is not None
    }
    return kept | _with_places(session, kept)


def _with_places(session: Session, answers: Mapping[int, Asked | Alone | Exception]) -> dict[int, Asked]:
    """Return the answers to what is kept with what their receipts are shown with."""
    asked = {place: one for place, one in answers.items() if isinstance(one, Asked)}
    if not asked:
        return {}
    logged = receipt_places_in(session, [one.receipt for one in asked.values()])
    return {place: replace(one, logged=where) for (place, one), where in zip(asked.items(), logged, strict=True)}


def finish_all(alone: Sequence[Alone]) -> list[Asked | Exception]:
    """Finish attempts that are better alone, one after the other, while batches of others go on."""
    return [_finish(one) for one in alone]


def _finish(one: Alone) -> Asked | Exception:
    try:
        if one.new is not None:
            return _keep_in_one(one.attempt.asking.core, {0: (one.attempt, one.new)})[0]
        [found] = ask_all([one.attempt])
        return _finish(found) if isinstance(found, Alone) else found
    except Exception as error:  # noqa: BLE001 - its own caller gets it
        return _as_refused(error)


def _twins(attempts: Sequence[Attempt]) -> list[int]:
    """Return those whose key an earlier one of the same account has: they wait for it, and cost no limit once more."""
    seen, twins = set[tuple[UUID, str]](), []
    for place, one in enumerate(attempts):
        if one.key is not None and (one.asking.account_id, one.key) in seen:
            twins.append(place)
        elif one.key is not None:
            seen.add((one.asking.account_id, one.key))
    return twins


def _better_alone(requests: Mapping[int, NewRequest]) -> list[int]:
    """Return those that are kept after the others, each by itself: they may have to wait, or the database refuses them.

    Linking an account's other requests waits for locks that a draw may hold, and a request for several services for
    who else asks for its people; and of two requests for one person the first that is kept is the only one.
    """
    alone, taken = [], set[tuple[UUID, str]]()
    for place, request in requests.items():
        people = {(member.person_id, member.exclusive_group) for member in request.members}
        if request.together or request.errands or people & taken:
            alone.append(place)
        taken |= people
    return alone


def _new(core: Core, asking: Asking, judged: Judged) -> New:
    request = new_request(core, judged.checked, asking.wish, asking.origin)
    request.move_to(STATE_AFTER[judged.screened.verdict.decision])
    return New(request, judged.screened, judged.limits)


def _keep(core: Core, asked: dict[int, tuple[Attempt, New]]) -> _Answers:
    """Keep requests in one transaction; where one of them is refused, by halves, until it is alone.

    Where a lock was waited for too long, nobody waits for it a second time: each is finished alone.
    """
    try:
        return {**_keep_in_one(core, asked)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of those whom it befell
        places, cause = list(asked), getattr(error, "orig", None)
        if is_outage(error) and not isinstance(cause, LOCK_ERRORS):
            return {**dict.fromkeys(places, error)}  # what became of them is not known; others may be kept
        if isinstance(cause, LockNotAvailable) and len(places) > 1:
            return {place: Alone(*asked[place]) for place in places}
        if len(places) == 1:
            return {places[0]: _as_refused(error)}
        half = len(places) // 2
        return {
            place: kept
            for some in (places[:half], places[half:])
            for place, kept in _keep(core, {place: asked[place] for place in some}).items()
        }


def _as_refused(error: Exception) -> Exception:
    """Say a second live request of a person in the core's words."""
    return AlreadyLiveError() if isinstance(error, IntegrityError) and is_second_live(error) else error


def _keep_in_one(core: Core, asked: dict[int, tuple[Attempt, New]]) -> dict[int, Asked | Exception]:
    """Keep requests in one transaction, which is lost with all of them where the database refuses one."""
    with core.sessions.begin() as session:
        claims = [attempt.claim(new.request.reference) for attempt, new in asked.values()]
        twins = dict(zip(asked, claim_keys(session, claims, core.clock.now()), strict=True))
        fresh = {place: new for place, (_, new) in asked.items() if twins[place] is None}
        keep_new_members(session, [new.request for new in fresh.values()])
        keep_requests(session, core, list(fresh.values()))
        answers: dict[int, Asked | Exception] = {place: asked_now(new) for place, new in fresh.items()}
        for place, twin in twins.items():
            if twin is not None:
                answers[place] = twin if isinstance(twin, MawidError) else answer(session, twin)
        return answers | _with_places(session, answers)
