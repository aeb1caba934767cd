"""A better proof wins: what others claim of a number without one ends when its person is proven.

Locks are taken in the order person, household rows by id, then what the hooks lock: each account's requests by id
before its online cases. Whoever asks holds the household row first (`booking.scheduling.requests.keep.keep_members`),
so nobody can begin anything for a claim that is ending.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.models import Account, EndedClaim, HouseholdMember
from booking.platform.models.identity import IdentityLevel

WEAK = (IdentityLevel.CLAIMED, IdentityLevel.MATCHED)


def end_weaker_claims(session: Session, core: Core, proven: HouseholdMember) -> None:
    """End the claims of other accounts on a proven member's person, whose row is locked; proven ones stay.

    What those accounts asked for the person ends with a notice (`Hooks.claim_ended`); that they claimed the number is
    kept for the gate.
    """
    weaker = session.scalars(
        select(HouseholdMember)
        .where(
            HouseholdMember.person_id == proven.person_id,
            HouseholdMember.account_id != proven.account_id,
            HouseholdMember.level.in_(WEAK),
        )
        .order_by(HouseholdMember.id)
        .with_for_update(of=HouseholdMember)
    ).all()
    for claim in weaker:
        end_claim(session, core, claim, notice="claim_ended")


def tell_who_else_acts(session: Session, core: Core, proven: HouseholdMember) -> None:
    """Tell the other accounts that are proven for the same person: who has a stranger's card is found out like this."""
    others = select(HouseholdMember.account_id).join(Account, Account.id == HouseholdMember.account_id)
    for account_id in session.scalars(
        others.where(
            HouseholdMember.person_id == proven.person_id,
            HouseholdMember.account_id != proven.account_id,
            HouseholdMember.level.not_in(WEAK),
            Account.closed_at.is_(None),
        ).order_by(HouseholdMember.id)
    ):
        tell(session, core, account_id, "acting_began")


def end_claim(session: Session, core: Core, claim: HouseholdMember, *, notice: str) -> None:
    """End that an account acts for a person, both rows being locked; the account gets this notice."""
    session.add(
        EndedClaim(
            account_id=claim.account_id,
            person_id=claim.person_id,
            level=claim.level,
            since=claim.created_at,
            ended_at=core.clock.now(),
        )
    )
    session.delete(claim)
    session.flush()
    for answer in core.hooks.claim_ended:
        answer(session, core, claim.account_id, claim.person_id)
    tell(session, core, claim.account_id, notice)
