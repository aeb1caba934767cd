"""An owner ends that another account acts for them: at once where an officer knows them, else a counter decides."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.people.identity.better import end_claim
from booking.people.identity.standing import standing_proof
from booking.people.identity.turns import keep_turns_in
from booking.people.identity.views import SURE
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Dispute, HouseholdMember, Person
from booking.platform.models.identity import ProofKind


class Answer(StrEnum):
    """What came of it when an owner asked that an account no longer acts for them."""

    ENDED = "ended"
    DISPUTED = "disputed"


def end_acting(core: Core, *, account_id: UUID, member_id: int, acting_id: int) -> Answer:
    """End that another account acts for a proven person of this one, or ask a counter to.

    Claims without a proof end at once, and what was proven as a guardian of somebody who is of age by now; so does any
    other proof where an officer compared this account's person with a document. Else nobody but an officer can tell: a
    dispute is opened, once, and both accounts are told.

    Parameters
    ----------
    member_id
        The person, in this account's household.
    acting_id
        The same person, in the other account's household (`Acting.id`).

    Raises
    ------
    NotFoundError
        The account has no such member or is not proven to act for them, or the other account does not act for them.
    """
    with core.sessions.begin() as session:
        mine, theirs = _pair(session, account_id, member_id, acting_id)
        today = core.today()
        if ends_at_once(mine=standing_proof(mine, today), theirs=standing_proof(theirs, today)):
            kept = keep_turns_in(
                session,
                person_id=mine.person_id,
                leaver=theirs.account_id,
                owner=account_id,
                now=core.clock.now(),
            )
            for reference in kept:
                tell(session, core, account_id, "turn_is_yours", reference=reference)
            drop_questions_in(session, theirs)
            end_claim(session, core, theirs, notice="acting_ended")
            return Answer.ENDED
        now = core.clock.now()
        opened = session.scalar(
            insert(Dispute)
            .values(person_id=mine.person_id, account_id=theirs.account_id, opened_by=account_id, opened_at=now)
            .on_conflict_do_nothing()
            .returning(Dispute.id)
        )
        if opened is not None:
            tell(session, core, account_id, "dispute_opened")
            tell(session, core, theirs.account_id, "acting_disputed")
        return Answer.DISPUTED


def ends_at_once(*, mine: ProofKind | None, theirs: ProofKind | None) -> bool:
    """Return whether an owner's word is enough to end what another account says; else a counter decides.

    By what each of both is proven today (`booking.people.identity.standing`). That somebody came to an appointment says
    who they are, not whose account had asked for it: whoever books for others must not win over them by their visit.
    """
    if mine is None:
        return False
    return theirs is None or (mine is ProofKind.OFFICER and theirs is not ProofKind.OFFICER)


def drop_questions_in(session: Session, entry: HouseholdMember) -> None:
    """Remove what was asked about an account and nobody needs to answer any more, in the caller's transaction."""
    session.execute(
        delete(Dispute).where(
            Dispute.person_id == entry.person_id, Dispute.account_id == entry.account_id, Dispute.decided_at.is_(None)
        )
    )


def locked_entries(session: Session, person_id: UUID) -> list[HouseholdMember]:
    """Lock a person, then their entries in all households, in the order in which proofs lock them."""
    session.scalars(select(Person).where(Person.id == person_id).with_for_update(key_share=True)).one()
    return list(
        session.scalars(
            select(HouseholdMember)
            .where(HouseholdMember.person_id == person_id)
            .order_by(HouseholdMember.id)
            .with_for_update(of=HouseholdMember)
            .execution_options(populate_existing=True)
        )
    )


def _pair(
    session: Session, account_id: UUID, member_id: int, acting_id: int
) -> tuple[HouseholdMember, HouseholdMember]:
    """Return this account's entry and the other one's, locked; what the account may not know is not found."""
    person_id = session.scalar(
        select(HouseholdMember.person_id).where(
            HouseholdMember.id == member_id,
            HouseholdMember.account_id == account_id,
            HouseholdMember.level.in_(SURE),
        )
    )
    if person_id is None:
        raise NotFoundError
    entries = {entry.id: entry for entry in locked_entries(session, person_id)}
    mine, theirs = entries.get(member_id), entries.get(acting_id)
    if mine is None or mine.level not in SURE or theirs is None or theirs.account_id == account_id:
        raise NotFoundError
    return mine, theirs
