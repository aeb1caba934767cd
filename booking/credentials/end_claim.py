"""What an account took of a person's results ends when it acts for them no more."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.models import CredentialOffer, IssuedCredential, IssuedResult, OnlineCase


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
    session.execute(
        update(IssuedCredential)
        .where(IssuedCredential.result_id.in_(results), IssuedCredential.ended_at.is_(None))
        .values(ended_at=core.clock.now())
    )
    session.execute(delete(CredentialOffer).where(CredentialOffer.result_id.in_(results)))
