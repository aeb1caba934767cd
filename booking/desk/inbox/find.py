"""Where a reference leads a member of staff: to pages that they may open, and to nothing else.

Nothing is read of what is found: the page that opens asks again who may see it, and keeps the look on record.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows
from booking.desk.inbox.views import asked_of
from booking.platform.models import (
    Account,
    Appointment,
    CaseOriginals,
    OnlineCase,
    Request,
    ReviewCase,
    UrgentRequest,
)
from booking.platform.models.online.case import OriginalsState, PaperWay
from booking.platform.models.requests.case import WATCH_KINDS
from booking.platform.models.states import Role


class Sort(StrEnum):
    """What a reference can name."""

    REQUEST = "request"
    PEOPLE = "people"
    QUESTION = "question"
    URGENT = "urgent"
    ONLINE = "online"
    POST = "post"
    APPOINTMENT = "appointment"


_Named = Callable[[Account, str], Select[str]]


def find_reference(core: Core, *, account_id: UUID, reference: str) -> list[Sort]:
    """Return what a reference names among what an account may open: of its own office or agency, where its role is."""
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
        if account.closed_at is not None:
            return []
        roles = [Role(one) for one in account.roles]
        named = {
            sort: statement(account, reference)
            for permission, (sort, statement) in _NAMED.items()
            if allows(roles, account.office_id, permission)
        }
        if not named:
            return []
        found = session.execute(select(*(one.exists() for one in named.values()))).one()
        return [sort for sort, there in zip(named, found, strict=True) if there]


def _request(_account: Account, reference: str) -> Select[str]:
    return select(Request.reference).where(Request.reference == reference)


def _people(_account: Account, reference: str) -> Select[str]:
    return _case(reference).where(ReviewCase.kind.not_in(WATCH_KINDS))


def _question(account: Account, reference: str) -> Select[str]:
    return _case(reference).where(asked_of(account))


def _case(reference: str) -> Select[str]:
    return select(ReviewCase.reference).where(ReviewCase.reference == reference)


def _urgent(account: Account, reference: str) -> Select[str]:
    sent = UrgentRequest.submitted_at.is_not(None)
    of_office = UrgentRequest.office_id == account.office_id
    return select(UrgentRequest.reference).where(UrgentRequest.reference == reference, of_office, sent)


def _online(account: Account, reference: str) -> Select[str]:
    sent = OnlineCase.submitted_at.is_not(None)
    of_agency = OnlineCase.agency_code == account.agency_code
    return select(OnlineCase.reference).where(OnlineCase.reference == reference, of_agency, sent)


def _post(account: Account, reference: str) -> Select[str]:
    chosen = CaseOriginals.way == PaperWay.POST, CaseOriginals.state != OriginalsState.CHOSEN
    return (
        select(OnlineCase.reference)
        .join(CaseOriginals, CaseOriginals.case_id == OnlineCase.id)
        .where(OnlineCase.reference == reference, CaseOriginals.office_id == account.office_id, *chosen)
    )


def _appointment(account: Account, reference: str) -> Select[str]:
    of_office = Appointment.office_id == account.office_id
    return select(Appointment.reference).where(Appointment.reference == reference, of_office)


_P: Final = Permission
_NAMED: Final[Mapping[Permission, tuple[Sort, _Named]]] = {
    _P.USE_DESK: (Sort.REQUEST, _request),
    _P.DECIDE_REVIEWS: (Sort.PEOPLE, _people),
    _P.WATCH_APPROVALS: (Sort.QUESTION, _question),
    _P.DECIDE_URGENT: (Sort.URGENT, _urgent),
    _P.HANDLE_ONLINE: (Sort.ONLINE, _online),
    _P.HANDLE_POST: (Sort.POST, _post),
    _P.SERVE_COUNTER: (Sort.APPOINTMENT, _appointment),
}
