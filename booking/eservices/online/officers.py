"""How officers of an agency handle its online cases: who may touch one, and how it gets into their hands and out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_online_case, require_agency
from booking.country.core.register import open_national_number
from booking.eservices.online.rows import locked_case, member_of, paper_store
from booking.eservices.online.views import CaseView, view_of
from booking.people.hands import claim as hands
from booking.people.hands.claim import Files
from booking.people.hands.handling import Handling, find_case, reader_of, record
from booking.platform.models import Account, HouseholdMember, OnlineCase, OnlineDecision, OnlinePaper
from booking.platform.models.online.case import WITH_AGENCY, OnlineState

ONLINE: Final = Handling(
    name="online",
    model=OnlineCase,
    handle=Permission.HANDLE_ONLINE,
    supervise=Permission.REVOKE_RESULTS,
    waiting=OnlineState.SUBMITTED,
    assigned=OnlineState.ASSIGNED,
    held=frozenset({OnlineState.ASSIGNED, OnlineState.APPROVED}),
    locking_order=OnlineCase.id,
    lock=locked_case,
    move=OnlineCase.move_to,
    require=lambda account, permission, case: require_agency(account, permission, agency_code=case.agency_code),
    refuse_own=refuse_own_online_case,
    for_supervisors=lambda _: False,
)
"""Online cases in the hands of their agency's officers."""

claim: Final = partial(hands.claim, ONLINE)
"""Take a waiting case into one's hands: see `booking.people.hands.claim`."""
release: Final = partial(hands.release, ONLINE)
"""Give an undecided case back to the queue: see `booking.people.hands.claim`."""


MOST_ROWS: Final = 200
MOST_SAME: Final = 12
PAPERS: Final = Files(ONLINE, "paper", OnlinePaper, paper_store, lambda file: file.case_id)


class Show(StrEnum):
    """Which cases of the queue."""

    ALL = "all"
    FREE = "free"
    MINE = "mine"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Queue:
    """The agency's open cases, without anyone's name: those that are due first come first."""

    agency: str
    lines: tuple[OnlineCase, ...]
    officer_id: UUID
    today: date


@dataclass(frozen=True, slots=True)
class Holder:
    """The person a case is about."""

    name: str
    birth_date: date
    national_number: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One case on the desk; ``same_files`` names other cases in which one of these very files was sent."""

    view: CaseView
    holder: Holder | None
    mine: bool
    supervises: bool
    history: tuple[tuple[OnlineDecision, str], ...]
    same_files: tuple[str, ...]


def queue(core: Core, *, officer_id: UUID, show: Show) -> Queue:
    """List the open cases of the officer's agency; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require_agency(session.get(Account, officer_id), Permission.HANDLE_ONLINE)
        statement = select(OnlineCase).where(
            OnlineCase.agency_code == officer.agency_code, OnlineCase.state.in_(WITH_AGENCY)
        )
        if show is Show.FREE:
            statement = statement.where(OnlineCase.state == OnlineState.SUBMITTED)
        elif show is Show.MINE:
            statement = statement.where(OnlineCase.assigned_to == officer_id)
        elif show is Show.LATE:
            statement = statement.where(OnlineCase.due_on < core.today())
        rows = session.scalars(
            statement.order_by(OnlineCase.due_on, OnlineCase.submitted_at, OnlineCase.reference).limit(MOST_ROWS)
        ).all()
        return Queue(officer.agency_code or "", tuple(rows), officer_id, core.today())


def open_case(core: Core, *, officer_id: UUID, reference: str) -> OpenCase:
    """Return one case with its person, for an officer who has it or supervises the agency; the reading is on record.

    Raises
    ------
    CaseNotInHandsError
        Someone else has it, or nobody: it is taken first.
    ForbiddenError
        The officer is not of the case's agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case = find_case(ONLINE, session, reference)
        reader = reader_of(ONLINE, session, officer_id, case)
        record(ONLINE, session, core, case=case, officer=reader.officer, action="read")
        member = member_of(session, case)
        rows = session.execute(
            select(OnlineDecision, Account.username)
            .outerjoin(Account, Account.id == OnlineDecision.officer_id)
            .where(OnlineDecision.case_id == case.id)
            .order_by(OnlineDecision.number)
        ).all()
        return OpenCase(
            view=view_of(session, core, case),
            holder=_holder(core, member) if member else None,
            mine=reader.mine,
            supervises=reader.supervises,
            history=tuple((decision, name or "") for decision, name in rows),
            same_files=_same_files(session, case),
        )


def _holder(core: Core, member: HouseholdMember) -> Holder:
    return Holder(member.name, member.birth_date, open_national_number(core.vault, member.person))


def _same_files(session: Session, case: OnlineCase) -> tuple[str, ...]:
    hashes = [one.sha256 for one in case.papers]
    return tuple(
        session.scalars(
            select(OnlineCase.reference)
            .join(OnlinePaper, OnlinePaper.case_id == OnlineCase.id)
            .where(OnlinePaper.sha256.in_(hashes), OnlineCase.id != case.id, OnlineCase.submitted_at.is_not(None))
            .group_by(OnlineCase.reference)
            .order_by(func.max(OnlineCase.submitted_at).desc())
            .limit(MOST_SAME)
        )
    )
