"""A person stands at a counter: an officer compares them with their document and says which accounts act for them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import (
    Permission,
    refuse_own_account,
    refuse_own_number,
    refuse_own_request,
    require,
)
from booking.country.core.messages import tell
from booking.country.core.register import Identity, open_national_number
from booking.people.accounts import lost_factor
from booking.people.identity.acting import end_claim, keep_turns_in, locked_entries
from booking.people.identity.ask import read_asked
from booking.people.identity.attest import attest_in, whose_code_in
from booking.people.identity.levels import NotInRegisterError
from booking.people.identity.seen import Compared, Seen, require_agreement
from booking.people.identity.views import SURE
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError, OwnCaseError, WrongCodeError
from booking.platform.models import (
    Account,
    Appointment,
    Dispute,
    DisputeOutcome,
    HouseholdMember,
    Person,
    Request,
    RequestMember,
)
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import AppointmentState


def decide(core: Core, *, officer_id: UUID, person_id: UUID, seen: Seen) -> None:
    """Do in one transaction what an officer decides about a person who stands before them.

    The account whose code is shown becomes seen, and its entry takes name and birth date from the document; claims
    without a proof end with that. Accounts in ``end`` stop acting; one that did so by itself meanwhile is passed over.
    The person's turns stay theirs (`keep_turns_in`). The birth date in the document becomes the person's. Everything
    that was asked about the accounts is answered, and they are told. Where this raises nothing has changed, but a wrong
    code counts as a try.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``name`` or ``birth_date`` "register_differs": the register knows the
        number's holder otherwise. ``code`` "nothing_to_decide": no account is named, and the birth date is known.
        ``end`` "seen_and_ended": it has the account with the code.
    WrongCodeError
        No account that acts for this person shows this code.
    NotInRegisterError
        The register knows no such living person.
    TooManyAttemptsError
        The officer decided about too many people.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    NotFoundError
        There is no such person.
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person or one of the accounts is of the officer's own person, household or phone.
    """
    compared, decision_id = seen.read(core), uuid4()
    charge(core, "register", {"account": str(officer_id)}, helper=True)
    identity = _look(core, officer_id, person_id, compared)
    grant = _confirmed(core, identity, seen=bool(compared.code), by=decision_id)
    with core.sessions.begin() as session:
        officer, entries = lock_person(session, officer_id, person_id)
        chosen = whose_code_in(session, core, entries, compared.code) if compared.code else None
        if compared.code and chosen is None:
            raise WrongCodeError
        ended = _to_end(entries, compared.end, chosen)
        for entry in [*ended, *_weaker(entries, chosen, ended)]:
            owner = None if chosen is None else chosen.account_id
            for reference in keep_turns_in(
                session, person_id=person_id, leaver=entry.account_id, owner=owner, now=core.clock.now()
            ):
                tell(session, core, owner or entry.account_id, "turn_is_yours", reference=reference)
        session.get_one(Person, person_id).birth_date = identity.birth_date
        _answer(session, core, officer, entries, chosen=chosen, ended=ended)
        for entry in ended:
            end_claim(session, core, entry, notice="acting_ended")
        if chosen is not None and grant is not None:
            _make_seen(session, core, chosen, identity, grant)
        audit.record(
            session,
            core,
            officer,
            "identity.decided",
            str(person_id),
            decision=str(decision_id),
            seen=None if chosen is None else str(chosen.account_id),
            ended=[str(entry.account_id) for entry in ended],
            documents=sorted(compared.documents),
            reason=compared.reason,
        )


def _look(core: Core, officer_id: UUID, person_id: UUID, compared: Compared) -> Identity:
    """Check all that does not need the register; return whom it is asked about."""
    with core.sessions.begin() as session:
        _, entries = lock_person(session, officer_id, person_id)
        person = session.get_one(Person, person_id)
        identity = Identity(open_national_number(core.vault, person), compared.name, compared.born)
        if not compared.code and not compared.end and person.birth_date == compared.born:
            raise InvalidInputError([FieldError("code", "nothing_to_decide")])
        chosen = None
        if compared.code:
            chosen = whose_code_in(session, core, entries, compared.code, only_try=True)
        _to_end(entries, compared.end, chosen)
    if compared.code and chosen is None:
        raise WrongCodeError
    return identity


def _confirmed(core: Core, identity: Identity, *, seen: bool, by: UUID) -> str | None:
    """Ask the register whether the document fits, and for its grant where an account becomes seen."""
    grant = core.register.attest(identity, ProofKind.OFFICER, by=str(by)) if seen else None
    if grant is None:
        require_agreement(core, identity)
        if seen:
            raise NotInRegisterError
    return grant


def lock_person(session: Session, officer_id: UUID, person_id: UUID) -> tuple[Account, list[HouseholdMember]]:
    """Lock the person and their entries, for an officer who may decide about all of them.

    Raises
    ------
    NotFoundError
        There is no such person.
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person or one of the accounts is of the officer's own person, household or phone.
    """
    officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFoundError
    entries = locked_entries(session, person_id)
    refuse_own_number(session, officer_id, person.national_number_hash)
    for entry in entries:
        refuse_own_account(session, officer_id, entry.account_id)
    return officer, entries


def _to_end(
    entries: Sequence[HouseholdMember], end: Collection[int], chosen: HouseholdMember | None
) -> list[HouseholdMember]:
    if chosen is not None and chosen.id in end:
        raise InvalidInputError([FieldError("end", "seen_and_ended")])
    return [entry for entry in entries if entry.id in end]


def _weaker(
    entries: Sequence[HouseholdMember], chosen: HouseholdMember | None, ended: Sequence[HouseholdMember]
) -> list[HouseholdMember]:
    """Return the claims without a proof, which end once another account is seen."""
    return [] if chosen is None else [one for one in entries if one.level not in SURE and one not in (*ended, chosen)]


def _make_seen(session: Session, core: Core, chosen: HouseholdMember, identity: Identity, grant: str) -> None:
    chosen.name, chosen.typed_birth_date, chosen.compared_at = identity.name, identity.birth_date, None
    session.flush()
    asked = read_asked(session, core, chosen.account_id, chosen.id)
    attest_in(session, core, asked=replace(asked, identity=identity), kind=ProofKind.OFFICER, grant=grant)


def _answer(
    session: Session,
    core: Core,
    officer: Account,
    entries: Sequence[HouseholdMember],
    *,
    chosen: HouseholdMember | None,
    ended: Collection[HouseholdMember],
) -> None:
    """Answer what was asked about the person's accounts, and keep what was decided unasked."""
    now = core.clock.now()
    person_id = entries[0].person_id if entries else None
    asked = session.scalars(
        select(Dispute)
        .where(Dispute.person_id == person_id, Dispute.decided_at.is_(None))
        .order_by(Dispute.id)
        .with_for_update()
    ).all()
    outcomes = {entry.account_id: DisputeOutcome.ENDED for entry in ended}
    if chosen is not None:
        outcomes[chosen.account_id] = DisputeOutcome.SEEN
    unasked = [
        Dispute(person_id=person_id, account_id=account_id, opened_at=now)
        for account_id in outcomes
        if account_id not in {one.account_id for one in asked}
    ]
    for one in (*asked, *unasked):
        one.outcome = outcomes.get(one.account_id, DisputeOutcome.KEPT)
        one.decided_by, one.decided_at, one.office_id = officer.id, now, officer.office_id
        if one.opened_by is not None:
            tell(session, core, one.opened_by, "dispute_answered")
            if one.outcome is not DisputeOutcome.ENDED:
                tell(session, core, one.account_id, "dispute_answered")
    session.add_all(unasked)
    session.flush()


def confirm_lost_factor(core: Core, *, officer_id: UUID, person_id: UUID, seen: Seen) -> int:
    """Let the second factor of the account end whose page shows the code, and whose owner the person is.

    It waits (`MAWID_LOST_FACTOR_COUNTER_WAIT`), and its owner can stop it: see
    `booking.people.accounts.lost_factor`. Where this raises nothing has changed, but a wrong code counts as a try.

    Returns
    -------
    int
        The days until it ends.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``name`` or ``birth_date`` "register_differs": the register knows the
        number's holder otherwise.
    WrongCodeError
        No account of which this person is the owner shows this code.
    NotInRegisterError
        The register knows no such living person.
    TooManyAttemptsError
        The officer decided about too many people.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    NotFoundError
        There is no such person.
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person or one of the accounts is of the officer's own person, household or phone.
    """
    compared = seen.read(core)
    charge(core, "register", {"account": str(officer_id)}, helper=True)
    with core.sessions.begin() as session:
        _, entries = lock_person(session, officer_id, person_id)
        identity = Identity(
            open_national_number(core.vault, session.get_one(Person, person_id)), compared.name, compared.born
        )
        account_id = _whose_code_in(session, core, entries, compared, only_try=True)
    if account_id is None:
        raise WrongCodeError
    require_agreement(core, identity)
    with core.sessions.begin() as session:
        officer, entries = lock_person(session, officer_id, person_id)
        account_id = _whose_code_in(session, core, entries, compared)
        if account_id is None:
            raise WrongCodeError
        days = lost_factor.begin_in(session, core, account_id=account_id, person_id=person_id, officer_id=officer_id)
        audit.record(
            session,
            core,
            officer,
            "second_factor.lost_at_counter",
            str(account_id),
            person=str(person_id),
            documents=sorted(compared.documents),
            reason=compared.reason,
        )
    return days


def _whose_code_in(
    session: Session,
    core: Core,
    entries: Sequence[HouseholdMember],
    compared: Compared,
    *,
    only_try: bool = False,
) -> UUID | None:
    """Find the account that shows the code, of those whose owner the person is; a wrong code counts for each."""
    mine = (entry.account_id for entry in entries if entry.relation == "self")
    shown = (one for one in mine if lost_factor.is_code_in(session, core, one, compared.code, only_try=only_try))
    return next(shown, None)


def see_visitors_in(session: Session, request: Request, *, officer_id: UUID) -> None:
    """Raise the proven people of a request to seen, when its party checks in, in the caller's transaction.

    Nobody sees themselves: an officer who checks in their own person, household or phone changes no level. The proof
    and the register's grant stay as they are. An entry in which a proof or a dispute is being written at this moment is
    passed over: who waits at the door must not wait for it.
    """
    try:
        refuse_own_request(session, officer_id, request.id)
    except OwnCaseError:
        return
    for member in _entries(session, request, IdentityLevel.PROVEN):
        member.level = IdentityLevel.SEEN


def forget_visitors_in(session: Session, request: Request) -> None:
    """Take it back where a check-in is undone: other people stood there.

    Whom an officer saw at another visit, or by comparing them with a document, stays seen.
    """
    for member in _entries(session, request, IdentityLevel.SEEN):
        if member.proved_by is not ProofKind.OFFICER and not _came_before(session, request, member):
            member.level = IdentityLevel.PROVEN


def _entries(session: Session, request: Request, level: IdentityLevel) -> Sequence[HouseholdMember]:
    people = select(RequestMember.person_id).where(RequestMember.request_id == request.id)
    return session.scalars(
        select(HouseholdMember)
        .where(
            HouseholdMember.account_id == request.account_id,
            HouseholdMember.person_id.in_(people),
            HouseholdMember.level == level,
        )
        .order_by(HouseholdMember.id)
        .with_for_update(of=HouseholdMember, skip_locked=True)
    ).all()


def _came_before(session: Session, request: Request, member: HouseholdMember) -> bool:
    return bool(
        session.scalar(
            select(
                exists()
                .where(Appointment.request_id == Request.id, Request.id != request.id)
                .where(Request.account_id == member.account_id, RequestMember.request_id == Request.id)
                .where(RequestMember.person_id == member.person_id)
                .where(Appointment.state.in_([AppointmentState.CHECKED_IN, AppointmentState.SERVED]))
            )
        )
    )
