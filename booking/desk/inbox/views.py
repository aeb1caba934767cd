"""How much waits for a member of staff: one query that counts what their roles let them work on, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from booking.antifraud.gate.versions import MODEL, RULES
from booking.antifraud.watching.cases import asked
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, Reach, allows, reach
from booking.country.versions.steps import Kind
from booking.eservices.online.post_desk import OVER
from booking.platform.models import (
    Account,
    Appeal,
    CaseOriginals,
    Observer,
    Office,
    OnlineCase,
    Request,
    ReviewCase,
    StaffChange,
    UrgentRequest,
    WebhookSubscription,
    is_under_review,
)
from booking.platform.models.accounts.person import StaffChangeState
from booking.platform.models.log import ObserverState
from booking.platform.models.online.case import WITH_AGENCY, OriginalsState
from booking.platform.models.requests.case import WATCH_KINDS, CaseState
from booking.platform.models.states import WITH_OFFICERS, Role, UrgentState
from booking.platform.models.webhook import SubscriptionState
from booking.scheduling.quotas.trials import WAITING
from booking.scheduling.quotas.versions import QUOTAS
from booking.scheduling.requests.review import waits_for_answer


class Work(StrEnum):
    """What can wait for somebody."""

    REVIEWS = "reviews"
    APPEALS = "appeals"
    PEOPLE = "people"
    URGENT = "urgent"
    SECOND = "second"
    ONLINE = "online"
    POST = "post"
    QUESTIONS = "questions"
    QUOTAS = "quotas"
    RULES = "rules"
    MODELS = "models"
    STAFF = "staff"
    OBSERVERS = "observers"
    WEBHOOKS = "webhooks"


_Count = Callable[[Account, datetime], Select[int]]


@dataclass(frozen=True, slots=True)
class Inbox:
    """Whose it is, where they work, and how much waits there: nothing is said of work that their roles do not have.

    ``office`` and ``agency`` (its code) are None where there is none.
    """

    username: str
    roles: frozenset[Role]
    office: Office | None
    agency: str | None
    waiting: Mapping[Work, int]

    @property
    def all_waiting(self) -> int:
        """All that waits, each thing once: a second approval is of an urgent case, an appeal of a review."""
        return sum(number for work, number in self.waiting.items() if work not in {Work.SECOND, Work.APPEALS})


def look_into(core: Core, *, account_id: UUID) -> Inbox:
    """Count what waits for an account; what somebody proposed waits for others, and is not counted for them."""
    with core.sessions() as session:
        account, office = session.execute(
            select(Account, Office).outerjoin(Office, Office.id == Account.office_id).where(Account.id == account_id)
        ).one()
        counts = dict(_counts(account, core.clock.now())) if account.closed_at is None else {}
        numbers = session.execute(select(*(one.scalar_subquery() for one in counts.values()))).one() if counts else ()
    return Inbox(
        username=account.username,
        roles=frozenset(map(Role, account.roles)),
        office=office,
        agency=account.agency_code,
        waiting=dict(zip(counts, numbers, strict=True)),
    )


def asked_of(account: Account) -> ColumnElement[bool]:
    """Return the condition that a case is a question that the account may answer."""
    every = reach([Role(one) for one in account.roles], Permission.WATCH_APPROVALS) is Reach.EVERY_OFFICE
    return asked(account.id, None if every else account.office_id)


def _counts(account: Account, now: datetime) -> Iterator[tuple[Work, Select[int]]]:
    """Yield how each kind of work is counted that the account may do."""
    roles = [Role(one) for one in account.roles]
    for permission, of_permission in _COUNTED.items():
        if allows(roles, account.office_id, permission):
            for work, count in of_permission.items():
                yield work, count(account, now)


def _count(table: Any) -> Select[int]:
    return select(func.count()).select_from(table)


def _open_cases() -> Select[int]:
    return _count(ReviewCase).where(ReviewCase.state == CaseState.OPEN)


def _urgent(account: Account) -> Select[int]:
    return _count(UrgentRequest).where(UrgentRequest.office_id == account.office_id)


def _online(account: Account, _now: datetime) -> Select[int]:
    of_agency = OnlineCase.agency_code == account.agency_code
    return _count(OnlineCase).where(of_agency, OnlineCase.state.in_(WITH_AGENCY))


def _questions(account: Account, _now: datetime) -> Select[int]:
    return _open_cases().where(asked_of(account))


def _proposed(kind: Kind[Any]) -> _Count:
    model = kind.model
    waits = _count(model).where(model.state.in_(WAITING))
    return lambda account, _: waits.where(model.created_by.is_distinct_from(account.id))


def _changes(account: Account, now: datetime) -> Select[int]:
    waits = StaffChange.state == StaffChangeState.PROPOSED, StaffChange.expires_at > now
    return _count(StaffChange).where(*waits, StaffChange.proposed_by != account.id)


def _observers(account: Account, now: datetime) -> Select[int]:
    waits = Observer.state == ObserverState.PROPOSED, Observer.expires_at > now
    return _count(Observer).where(*waits, Observer.proposed_by != account.id)


def _subscriptions(account: Account, _now: datetime) -> Select[int]:
    proposed = WebhookSubscription.state == SubscriptionState.PROPOSED
    return _count(WebhookSubscription).where(proposed, WebhookSubscription.proposed_by != account.id)


def _to_send_back(account: Account, _now: datetime) -> Select[int]:
    """Count papers of cases that are over: those that are awaited need nothing from the consulate yet."""
    return (
        _count(CaseOriginals)
        .join(OnlineCase, OnlineCase.id == CaseOriginals.case_id)
        .where(
            CaseOriginals.office_id == account.office_id,
            CaseOriginals.state == OriginalsState.ARRIVED,
            OnlineCase.state.in_(OVER),
        )
    )


_P: Final = Permission
_COUNTED: Final[Mapping[Permission, Mapping[Work, _Count]]] = {
    _P.USE_DESK: {
        Work.REVIEWS: lambda *_: _count(Request).where(is_under_review()),
        Work.APPEALS: lambda *_: _count(Appeal).where(waits_for_answer()),
    },
    _P.DECIDE_REVIEWS: {Work.PEOPLE: lambda *_: _open_cases().where(ReviewCase.kind.not_in(WATCH_KINDS))},
    _P.DECIDE_URGENT: {Work.URGENT: lambda account, _: _urgent(account).where(UrgentRequest.state.in_(WITH_OFFICERS))},
    _P.APPROVE_SECOND: {
        Work.SECOND: lambda account, _: _urgent(account).where(UrgentRequest.state == UrgentState.NEEDS_SECOND)
    },
    _P.HANDLE_ONLINE: {Work.ONLINE: _online},
    _P.HANDLE_POST: {Work.POST: _to_send_back},
    _P.WATCH_APPROVALS: {Work.QUESTIONS: _questions},
    _P.CHANGE_POLICIES: {
        Work.QUOTAS: _proposed(QUOTAS),
        Work.RULES: _proposed(RULES),
        Work.MODELS: _proposed(MODEL),
    },
    _P.MANAGE_STAFF: {Work.STAFF: _changes, Work.OBSERVERS: _observers, Work.WEBHOOKS: _subscriptions},
}
