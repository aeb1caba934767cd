"""Write requests with their people, offices, verdicts and notices: one statement, however many they are."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.core import Core
from booking.platform.base.arrays import Rows, any_named, any_of, insert_together
from booking.platform.base.errors import AlreadyLiveError, FieldError, InvalidInputError
from booking.platform.models import (
    HouseholdMember,
    Message,
    Request,
    RequestErrand,
    RequestMember,
    RequestOffice,
    ShadowScore,
    ShadowVerdict,
    Verdict,
)
from booking.platform.models.base import Json
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import WAITING_FOR_DRAW, RequestState
from booking.scheduling.requests.asking.screen import Screened
from booking.scheduling.requests.judge_again import judge_later
from booking.scheduling.requests.new_request import NewErrand, NewMember, NewOffice, NewRequest
from booking.scheduling.requests.new_rows import verdict_columns
from booking.scheduling.requests.rows import take_turns, take_turns_again
from booking.transparency.log.views import ReceiptPlace
from fraud.limiting.limits import LimitDecision
from fraud.reasons import for_the_person

_LIVE_INDEX: Final = "uq_request_member_live"
_HOLD_MEMBERS: Final = (
    select(HouseholdMember.account_id, HouseholdMember.person_id, HouseholdMember.level)
    .where(
        HouseholdMember.account_id == any_named("accounts", Uuid),
        HouseholdMember.person_id == any_named("people", Uuid),
    )
    .order_by(HouseholdMember.id)
    .with_for_update(read=True)
)
_HOLD_PARTY: Final = (
    select(HouseholdMember.person_id, HouseholdMember.level)
    .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
    .order_by(HouseholdMember.id)
    .with_for_update(read=True, of=HouseholdMember)
)
_LISTS: Final = frozenset({"offices", "members", "errands"})
_OF_REQUEST: Final = tuple(one.name for one in fields(NewRequest) if one.name not in _LISTS)
_OF_MEMBER: Final = tuple(one.name for one in fields(NewMember))
_OF_OFFICE: Final = tuple(one.name for one in fields(NewOffice))
_OF_ERRAND: Final = tuple(one.name for one in fields(NewErrand))


class New(NamedTuple):
    """A request that was never stored, how it was judged, and what is left of the limits that it was charged to."""

    request: NewRequest
    screened: Screened
    limits: Sequence[LimitDecision] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a request: what was decided, why in the person's words, and the receipt (hex) of what was asked.

    ``limits`` is what is left of those that it was charged to; a replay is charged nothing. ``logged``: where the
    receipt is in the public log, for who asks by themselves; None before the first checkpoint.
    """

    reference: str
    state: RequestState
    decision: str
    reasons: list[Json]
    receipt: str
    replayed: bool
    limits: Sequence[LimitDecision] = field(default=(), compare=False)
    logged: ReceiptPlace | None = field(default=None, compare=False)


def keep_request(session: Session, core: Core, request: NewRequest, screened: Screened) -> Asked:
    """Write one request in the caller's transaction; see `keep_requests`."""
    keep_new_members(session, [request])
    keep_requests(session, core, [New(request, screened)])
    return asked_now(New(request, screened))


def keep_requests(session: Session, core: Core, new: Sequence[New]) -> None:
    """Write requests with their verdicts and notices, in the caller's transaction, which holds their people already.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        One of the people has a live request meanwhile; see `one_live_request`.
    """
    link_others(session, [one.request.account_id for one in new if one.request.together])
    insert_together(session, [*_rows(core, new), Rows(Message, [_notice(core, one.request) for one in new])])
    for one in new:
        judge_later(session, one.request.id, one.screened)


def keep_judged(session: Session, core: Core, new: Sequence[New]) -> None:
    """Write requests with their verdicts alone; raises as `keep_requests`."""
    insert_together(session, _rows(core, new))


def _rows(core: Core, new: Sequence[New]) -> list[Rows]:
    requests = [one.request for one in new]
    members = [_values(one, _OF_MEMBER) | {"request_id": request.id} for request in requests for one in request.members]
    offices = [_values(one, _OF_OFFICE) | {"request_id": request.id} for request in requests for one in request.offices]
    errands = [_values(one, _OF_ERRAND) | {"request_id": request.id} for request in requests for one in request.errands]
    verdicts = [(one.screened, verdict_columns(core, one.request.id, one.screened)) for one in new]
    shadows = [(columns["id"], screened) for screened, columns in verdicts]
    return [
        Rows(Request, [_values(request, _OF_REQUEST) for request in requests]),
        # in one order of people: two families with the same ones never wait in a ring
        Rows(RequestMember, sorted(members, key=itemgetter("person_id"))),
        Rows(RequestErrand, sorted(errands, key=itemgetter("person_id"))),
        Rows(RequestOffice, offices),
        Rows(Verdict, [columns for _, columns in verdicts]),
        Rows(ShadowScore, [row for verdict, screened in shadows for row in screened.score_rows(verdict)]),
        Rows(ShadowVerdict, [row for verdict, screened in shadows for row in screened.rule_rows(verdict)]),
    ]


def asked_now(new: New) -> Asked:
    """Return the answer to a request that was written just now."""
    request, verdict = new.request, new.screened.verdict
    return Asked(
        request.reference,
        request.state,
        verdict.decision.value,
        for_the_person(reason.as_dict() for reason in verdict.reasons),
        request.receipt.hex(),
        replayed=False,
        limits=new.limits,
    )


def keep_new_members(session: Session, requests: Sequence[NewRequest]) -> None:
    """Do what `keep_members` does for new requests, whose people count as they are held, not as they were read.

    Who was proven since would have a request that counts for nobody, as the proof could not see it.
    """
    take_turns(session, [one.person_id for request in requests for one in request.errands])
    held = keep_members(session, requests)
    for request in requests:
        for member in request.members:
            member.proven = held[request.account_id, member.person_id].reaches(IdentityLevel.PROVEN)


def keep_members(
    session: Session, requests: Sequence[Request | NewRequest]
) -> Mapping[tuple[UUID, UUID], IdentityLevel]:
    """Hold the household rows until commit, so that nobody is dropped from the household in between.

    Returns
    -------
    Mapping
        How sure it is now that an account may act for a person.

    Raises
    ------
    InvalidInputError
        Somebody was dropped already.
    """
    wanted = {(request.account_id, member.person_id) for request in requests for member in request.members}
    accounts, people = ({one[place] for one in wanted} for place in range(2))
    rows = session.execute(_HOLD_MEMBERS, {"accounts": list(accounts), "people": list(people)})
    held = {(account, person): level for account, person, level in rows}
    if wanted - held.keys():
        raise InvalidInputError([FieldError("people", "unknown_person")])
    return held


def hold_party(session: Session, *, account_id: UUID, reference: str) -> Mapping[UUID, IdentityLevel]:
    """Hold until commit how sure it is that an account may act for the people of a request of its own.

    Before the request is locked, and after those of its people whose turns are written (`take_turns_again`). Nobody for
    whom it acts no more is in it.
    """
    own = Request.reference == reference, Request.account_id == account_id
    request_id = session.scalar(select(Request.id).where(*own))
    if request_id is None:
        return {}
    take_turns_again(session, [request_id])
    of_request = RequestMember.request_id == request_id, HouseholdMember.account_id == account_id
    return {row.person_id: row.level for row in session.execute(_HOLD_PARTY.where(*of_request))}


def link_others(session: Session, accounts: Sequence[UUID]) -> None:
    """Let the accounts' waiting requests come together too; locked in the order in which draws lock them."""
    if not accounts:
        return
    waiting = session.scalars(
        select(Request)
        .where(Request.account_id == any_of(accounts, Uuid), Request.state.in_(WAITING_FOR_DRAW))
        .order_by(Request.id)
        .with_for_update(of=Request)
    )
    for one in waiting:
        one.together = True
    session.flush()


@contextmanager
def one_live_request() -> Iterator[None]:
    """Turn the database's refusal of a second live request into AlreadyLiveError."""
    try:
        yield
    except IntegrityError as error:
        if is_second_live(error):
            raise AlreadyLiveError from error
        raise


def is_second_live(error: IntegrityError) -> bool:
    """Return whether the database refused a second live request of a person."""
    return _LIVE_INDEX in str(error.orig)


def _values(row: NewRequest | NewMember | NewOffice | NewErrand, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _notice(core: Core, request: NewRequest) -> Json:
    values = {"reference": request.reference}
    return messages.row(core, request.account_id, f"request_{request.state.value}", values)
