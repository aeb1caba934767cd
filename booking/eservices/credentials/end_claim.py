"""What an account took of a person's results ends when it acts for them no more."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.eservices.credentials.status import end_given
from booking.platform.models import IssuedResult, OnlineCase


def end_credentials_of_claim(session: Session, core: Core, account_id: UUID, person_id: UUID) -> None:
    """End the credentials and offers of the person's results that the account asked for; the results go on.

    The cases are locked as for giving a credential: one that is being given is ended after it, and one that comes
    later finds no result.
    """
    cases = session.scalars(
        select(OnlineCase.id)
        .where(
            OnlineCase.account_id == account_id,
            OnlineCase.person_id == person_id,
            OnlineCase.id.in_(select(IssuedResult.case_id)),
        )
        .order_by(OnlineCase.id)
        .with_for_update(of=OnlineCase)
    ).all()
    results = select(IssuedResult.id).where(IssuedResult.case_id.in_(cases))
    end_given(session, core.clock.now(), lambda given: given.result_id.in_(results))
