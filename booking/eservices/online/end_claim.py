"""An account's cases for a person end when another account proves that the person is theirs."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.eservices.online.send import take_back
from booking.platform.models import OnlineCase
from booking.platform.models.online.case import RUNNING, OnlineState

_IN_OFFICERS_HANDS = (OnlineState.ASSIGNED, OnlineState.APPROVED)


def end_cases_of_claim(session: Session, core: Core, account_id: UUID, person_id: UUID) -> None:
    """Take back the account's drafts and running cases of the person, each with a notice; what was paid goes back."""
    cases = session.scalars(
        select(OnlineCase)
        .where(
            OnlineCase.account_id == account_id,
            OnlineCase.person_id == person_id,
            OnlineCase.state.in_({OnlineState.DRAFT} | RUNNING),
        )
        .order_by(OnlineCase.id)
        .with_for_update(of=OnlineCase)
    ).all()
    for case in cases:
        if case.state in _IN_OFFICERS_HANDS:
            case.move_to(OnlineState.SUBMITTED)
            case.hand_back()
            session.flush()
        take_back(session, core, case)
        tell(session, core, account_id, "online_claim_ended", reference=case.reference)
