"""An owner who lost the second factor stands at a counter: an officer compares them with their document."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.register import Identity
from booking.country.core.sealed import open_national_number
from booking.people.accounts import lost_at_counter
from booking.people.identity.dispute import lock_person
from booking.people.identity.seen import Compared, Seen, require_agreement
from booking.platform.base.errors import WrongCodeError
from booking.platform.models import HouseholdMember, Person


def confirm_lost_factor(core: Core, *, officer_id: UUID, person_id: UUID, seen: Seen) -> int:
    """Let the second factor of the account end whose page shows the code, and whose owner the person is.

    It waits (`MAWID_LOST_FACTOR_COUNTER_WAIT`), and its owner can stop it: see
    `booking.people.accounts.lost_at_counter`. Where this raises nothing has changed, but a wrong code counts as a try.

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
        days = lost_at_counter.begin_in(
            session, core, account_id=account_id, person_id=person_id, officer_id=officer_id
        )
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
    shown = (one for one in mine if lost_at_counter.is_code_in(session, core, one, compared.code, only_try=only_try))
    return next(shown, None)
