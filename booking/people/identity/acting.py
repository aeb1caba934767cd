"""An owner ends that another account acts for them: at once where an officer knows them, else a counter decides.

A better proof wins: what others claim of a number without one ends when its person is proven.

Locks are taken in the order person, household rows by id, then what the hooks lock: each account's requests by id
before its online cases. Whoever asks holds the household row first (`booking.scheduling.requests.keep.keep_members`),
so nobody can begin anything for a claim that is ending.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, exists, func, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.people.identity.views import SURE, standing_proof
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Account,
    Appointment,
    Consent,
    Dispute,
    EndedClaim,
    HouseholdMember,
    IssuedCredential,
    Person,
    Request,
    RequestErrand,
    RequestMember,
    UrgentRequest,
)
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import LIVE_REQUEST_STATES

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


def count_live_requests(session: Session, proven: HouseholdMember) -> None:
    """Let the account's live requests with a proven member count, but for those of a group where another one does.

    Requests are locked in the order in which draws lock them, and then the person, as where somebody asks for several
    services; the unique index decides between two at once.
    """
    requests = session.scalars(
        select(Request)
        .where(
            Request.account_id == proven.account_id,
            Request.members.any(
                (RequestMember.person_id == proven.person_id) & RequestMember.live & ~RequestMember.proven
            ),
        )
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    if requests:
        session.execute(select(Person.id).where(Person.id == proven.person_id).with_for_update())
    for request in requests:
        member = next(one for one in request.members if one.person_id == proven.person_id)
        try:
            with session.begin_nested():
                member.proven = True
                session.flush()
        except IntegrityError:
            session.refresh(member)


def keep_turns_in(session: Session, *, person_id: UUID, leaver: UUID, owner: UUID | None, now: datetime) -> list[str]:
    """Take a person's turns out of an account that is about to stop acting for them, in the caller's transaction.

    A request for the person alone goes to ``owner``, with its place, its priority and its reference; passes of it that
    the leaver put into a wallet end. One that holds something of the leaver's (evidence of an urgent case, a helper's
    consent) does not go, nor where the owner has a turn already: it is left, and ends with the claim. From a request
    for several people the person is taken out, and it goes on for the others; the last of them is left in it.

    Parameters
    ----------
    owner
        The account that goes on acting for the person; None where there is none.

    Returns
    -------
    list of str
        References of the requests that are the owner's now.
    """
    requests = session.scalars(
        select(Request)
        .join(RequestMember, RequestMember.request_id == Request.id)
        .where(Request.account_id == leaver, RequestMember.person_id == person_id, RequestMember.live)
        .where(Request.state.in_(LIVE_REQUEST_STATES))  # as it is once locked; members are read before
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    moved = []
    for request in requests:
        if any(member.live for member in request.members if member.person_id != person_id):
            _take_out(session, request, person_id)
        elif owner is not None and request.party_size == 1 and _can_move(session, request, person_id, owner):
            request.account_id = owner
            _member(session, request, person_id).proven = True
            _end_passes(session, request, now)
            moved.append(request.reference)
    session.flush()
    return moved


def _take_out(session: Session, request: Request, person_id: UUID) -> None:
    """Let the person ask elsewhere; the others of the party keep their place."""
    session.execute(
        update(RequestMember)
        .where(RequestMember.request_id == request.id, RequestMember.person_id == person_id)
        .values(proven=False, live=False)
    )


def _end_passes(session: Session, request: Request, now: datetime) -> None:
    session.execute(
        update(IssuedCredential)
        .where(
            IssuedCredential.ended_at.is_(None),
            IssuedCredential.appointment_id.in_(select(Appointment.id).where(Appointment.request_id == request.id)),
        )
        .values(ended_at=now)
    )


def _can_move(session: Session, request: Request, person_id: UUID, owner: UUID) -> bool:
    mine, others = aliased(RequestMember), aliased(Request)
    groups = union(
        select(RequestMember.exclusive_group).where(RequestMember.request_id == request.id),
        select(RequestErrand.exclusive_group).where(RequestErrand.request_id == request.id),
    )
    further = exists().where(
        RequestErrand.request_id == mine.request_id,
        RequestErrand.person_id == person_id,
        RequestErrand.exclusive_group.in_(groups),
    )
    has_turn = (
        exists()
        .where(mine.request_id == others.id, others.id != request.id, mine.person_id == person_id)
        .where(mine.live, (others.account_id == owner) | mine.proven, mine.exclusive_group.in_(groups) | further)
    )
    of_the_leavers = exists().where(UrgentRequest.request_id == request.id) | exists().where(
        Consent.request_id == request.id
    )
    return not session.scalar(select(func.coalesce(has_turn | of_the_leavers, False)))


def _member(session: Session, request: Request, person_id: UUID) -> RequestMember:
    return session.get_one(RequestMember, (request.id, person_id))


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

    By what each of both is proven today (`booking.people.identity.views`). That somebody came to an appointment says
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
