"""Write requests with their people, offices, verdicts and notices: a statement a table, however many they are."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from booking.base.arrays import any_of, insert_rows
from booking.base.errors import AlreadyLiveError, FieldError, InvalidInputError
from booking.core import messages
from booking.core.core import Core
from booking.models import (
    HouseholdMember,
    Message,
    Request,
    RequestMember,
    RequestOffice,
    ShadowScore,
    ShadowVerdict,
    Verdict,
)
from booking.models.base import Json
from booking.models.identity import IdentityLevel
from booking.models.states import WAITING_FOR_DRAW, RequestState
from booking.requests.asking.screen import Screened
from booking.requests.judge_again import judge_later
from booking.requests.new_rows import verdict_columns
from fraud.limiting.limits import LimitDecision
from fraud.reasons import for_the_person

_LIVE_INDEX: Final = "uq_request_member_live"
_OF_DATABASE: Final = frozenset({"transaction", "queue"})
"""Columns that the database fills itself."""
_DEFAULTS: Final[Mapping[type[object], Mapping[str, Any]]] = {
    model: {
        column.key: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        for column in model.__table__.columns
        if column.key not in _OF_DATABASE
    }
    for model in (Request, RequestMember, RequestOffice)
}
"""By model, what a new object has in each column where nothing was said of it: what its model says."""


class New(NamedTuple):
    """A request that was never stored, how it was judged, and what is left of the limits that it was charged to."""

    request: Request
    screened: Screened
    limits: Sequence[LimitDecision] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a request: what was decided, why in the person's words, and the receipt (hex) of what was asked.

    ``limits`` is what is left of those that it was charged to; a replay is charged nothing.
    """

    reference: str
    state: RequestState
    decision: str
    reasons: list[Json]
    receipt: str
    replayed: bool
    limits: Sequence[LimitDecision] = field(default=(), compare=False)


def keep_request(session: Session, core: Core, request: Request, screened: Screened) -> Asked:
    """Write one request in the caller's transaction; see `keep_requests`."""
    keep_new_members(session, [request])
    keep_requests(session, core, [New(request, screened)])
    return asked_now(New(request, screened))


def keep_requests(session: Session, core: Core, new: Sequence[New]) -> None:
    """Write requests with their verdicts and notices, in the caller's transaction, which holds their people already.

    The objects stay outside the session: who needs one as it is stored reads it.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        One of the people has a live request meanwhile; see `one_live_request`.
    """
    link_others(session, [one.request.account_id for one in new if one.request.together])
    requests = [one.request for one in new]
    insert_rows(session, Request, [_columns(request) for request in requests])
    members = [_columns(one, request) for request in requests for one in request.members]
    # in one order of people: two families with the same ones never wait in a ring
    insert_rows(session, RequestMember, sorted(members, key=itemgetter("person_id")))
    insert_rows(session, RequestOffice, [_columns(one, request) for request in requests for one in request.offices])
    verdicts = [(one.screened, verdict_columns(core, one.request.id, one.screened)) for one in new]
    insert_rows(session, Verdict, [columns for _, columns in verdicts])
    shadows = [(columns["id"], screened) for screened, columns in verdicts]
    insert_rows(session, ShadowScore, [row for verdict, screened in shadows for row in screened.score_rows(verdict)])
    insert_rows(session, ShadowVerdict, [row for verdict, screened in shadows for row in screened.rule_rows(verdict)])
    for one in new:
        judge_later(session, one.request.id, one.screened)
    insert_rows(session, Message, [_notice(core, request) for request in requests])


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


def keep_new_members(session: Session, requests: Sequence[Request]) -> None:
    """Do what `keep_members` does for new requests, whose people count as they are held, not as they were read.

    Who was proven since would have a request that counts for nobody, as the proof could not see it.
    """
    held = keep_members(session, requests)
    for request in requests:
        for member in request.members:
            member.proven = held[request.account_id, member.person_id].reaches(IdentityLevel.PROVEN)


def keep_members(session: Session, requests: Sequence[Request]) -> Mapping[tuple[UUID, UUID], IdentityLevel]:
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
    rows = session.execute(
        select(HouseholdMember.account_id, HouseholdMember.person_id, HouseholdMember.level)
        .where(
            HouseholdMember.account_id == any_of({account for account, _ in wanted}, Uuid),
            HouseholdMember.person_id == any_of({person for _, person in wanted}, Uuid),
        )
        .order_by(HouseholdMember.id)
        .with_for_update(read=True)
    )
    held = {(account, person): level for account, person, level in rows}
    if wanted - held.keys():
        raise InvalidInputError([FieldError("people", "unknown_person")])
    return held


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


def _columns(row: Request | RequestMember | RequestOffice, of: Request | None = None) -> Mapping[str, Any]:
    """Return what is stored of a new object; ``of`` is the request that a part belongs to."""
    values = {
        name: default if (value := getattr(row, name)) is None else value
        for name, default in _DEFAULTS[type(row)].items()
    }
    return values if of is None else values | {"request_id": of.id}


def _notice(core: Core, request: Request) -> Json:
    values = {"reference": request.reference}
    return messages.row(core, request.account_id, f"request_{request.state.value}", values)
