"""Start all parts of a plan that can be started, in one transaction: all of them, or nothing."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.idempotency import fingerprint_of, judged_once
from booking.country.core.security import Origin
from booking.country.packs.service import ServiceSpec
from booking.desk.plans.views import PlanView, read_plan
from booking.eservices.online.begin import begin_draft
from booking.eservices.online.errors import NotEligibleError
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Service
from booking.scheduling.requests.ask import STATE_AFTER
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import New, keep_request, one_live_request
from booking.scheduling.requests.new_rows import new_request
from booking.scheduling.requests.rows import take_turns
from booking.scheduling.requests.wish import Wish


@dataclass(frozen=True, slots=True)
class Where:
    """Where and when the appointments of a plan are wished for: offices by rank, times of day."""

    offices: tuple[str, ...]
    bands: frozenset[str]
    accessible: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """References of the requests and online drafts that were made, by service; none where the same form came again."""

    requests: dict[str, str]
    drafts: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


class _Parts(NamedTuple):
    """What can be started: by service the requests that were judged, and services whose form is begun online."""

    requests: Mapping[str, New]
    online: Sequence[Service]


def start_plan(
    core: Core,
    *,
    account_id: UUID,
    goal: str,
    member_id: int,
    where: Where,
    origin: Origin,
    answers: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Started:
    """Ask for every part that can be asked for now: at an office each is judged as if alone, online a draft begins.

    Raises
    ------
    InvalidInputError
        ``offices``: nothing of the plan can be started now. Or the wish for a part is unusable; all that is wrong with
        it is listed.
    NotFoundError
        No such service, or nobody of that id in the household.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    PrerequisiteMissingError
        The person lacks what must be there when asking for a part.
    NotOfferedError
        Nobody would handle an online part now.
    TooManyDraftsError
        The account has as many unfinished online cases as are kept.
    TooManyAttemptsError
        A limit on requests is reached, for the account, the person, their phone, device or network.
    AlreadyLiveError
        The person has a live request or appointment for the kind of service of a part.
    IdempotencyConflictError
        The key came before, with another plan or wish.
    PolicyMissingError
        No quota policy or no rule set is active.
    """

    def judge(session: Session) -> _Parts:
        view = read_plan(session, core, account_id=account_id, goal=goal, member_id=member_id, answers=answers)
        requests = {}
        for service in to_ask_for(view):
            wish = _wish(service, view, where)
            checked, screened = judge_wish(session, core, action="ask", account_id=account_id, wish=wish, origin=origin)
            request = new_request(core, checked, wish, origin)
            request.move_to(STATE_AFTER[screened.verdict.decision])
            requests[service.code] = New(request, screened)
        online = to_begin(view)
        if not requests and not online:
            raise InvalidInputError([FieldError("offices", "nothing_to_start")])
        return _Parts(requests, online)

    def keep(session: Session, parts: _Parts) -> Started:
        take_turns(session, [who.person_id for one in parts.requests.values() for who in one.request.members])
        drafts = {}
        for service in parts.online:
            with suppress(NotEligibleError, PrerequisiteMissingError):  # the form's page says why, when it is opened
                both = service.id, ServiceSpec.from_stored(service.spec)
                drafts[service.code] = begin_draft(
                    session, core, account_id=account_id, service=both, member_id=member_id
                )
        kept = {
            code: keep_request(session, core, one.request, one.screened).reference
            for code, one in parts.requests.items()
        }
        return Started(kept, drafts)

    with one_live_request():
        return judged_once(
            core,
            account_id=account_id,
            key=idempotency_key,
            fingerprint=fingerprint_of(asdict(where) | {"goal": goal, "person": member_id}),
            judge=judge,
            result=lambda parts: next((one.request.reference for one in parts.requests.values()), goal),
            keep=keep,
            again=lambda _session, _result: Started({}, replayed=True),
        )


def to_ask_for(view: PlanView) -> Sequence[Service]:
    """Return the parts at an office that can be asked for now; those that need a reason are asked for elsewhere."""
    return [
        line.service
        for line in view.startable
        if line.service.at_an_office and line.service.spec["eligibility"]["reason"] != "always"
    ]


def to_begin(view: PlanView) -> Sequence[Service]:
    """Return the parts that can be begun online now."""
    return [line.service for line in view.startable if line.offered and not line.service.at_an_office]


def _wish(service: Service, view: PlanView, where: Where) -> Wish:
    return Wish(
        service=service.code,
        people=(view.member.id,),
        offices=where.offices,
        bands=where.bands,
        door=view.door,
        accessible=where.accessible,
        together=True,
    )
