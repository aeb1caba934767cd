"""An officer takes a case into their hands, gives it back, or refers it to someone else."""

from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.hands import claim as hands
from booking.people.hands.handling import held_case
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Office, UrgentRequest
from booking.platform.models.states import UrgentAct, UrgentState
from booking.scheduling.urgent.rows import URGENT, decide

claim: Final = partial(hands.claim, URGENT)
"""Take a waiting case into one's hands: see `booking.people.hands.claim`."""
release: Final = partial(hands.release, URGENT)
"""Give a case back to the queue: see `booking.people.hands.claim`."""


def refer(
    core: Core, *, officer_id: UUID, reference: str, reason: str, note: str, office_code: str | None = None
) -> None:
    """Refer a claimed case: to another office, or where ``office_code`` is None to the supervisors of this one.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note; or no other office of this code is behind the same
        door.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case, officer = held_case(URGENT, session, reference, officer_id)
        target = None if office_code is None else _office(session, case, office_code)
        decide(
            session,
            core,
            case=case,
            officer=officer,
            act=UrgentAct.REFERRAL,
            reason=reason,
            note=note,
            details={"office": office_code, "supervisors": target is None},
        )
        case.move_to(UrgentState.SUBMITTED)
        case.hand_back()
        case.for_supervisor = target is None
        if target is not None:
            case.office_id = target.id


def _office(session: Session, case: UrgentRequest, code: str) -> Office:
    office = session.scalar(select(Office).where(Office.code == code, Office.active)) if code.isprintable() else None
    if office is None or office.door is not case.request.door or office.id == case.office_id:
        raise InvalidInputError([FieldError("office", "unknown_office")])
    return office
