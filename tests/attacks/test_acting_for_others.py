"""Somebody tries to act for others, to learn who does, or to end that others do.

Before, nobody saw who acts for them and nobody could end it, not even at a counter: a squatter stayed for good. The
pages that changed that must give a squatter, a stranger, a clerk and whoever reads the logs nothing new.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from booking.people.accounts.household import add_member
from booking.people.identity.acting import end_acting
from booking.people.identity.attest import show_counter_code
from booking.people.identity.dispute import decide
from booking.people.identity.seen import Seen
from booking.people.identity.views import find_person, people_acted_for, person_at_counter
from booking.people.registers.synthetic import Enrolled
from booking.people.staff.views import who_looked_for
from booking.platform.base.errors import MawidError, NotFoundError, WrongCodeError
from booking.platform.models import Account, AuditEntry, Dispute, HouseholdMember, Message, PhoneCode
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import Role
from tests.support.country import BORN, a_colleague, a_member, an_account, eligible_number

NAME = "أمل الخيالية"
SEEN = {"documents": ["identity_card"], "name": NAME, "birth_date": BORN, "reason": "she came herself"}


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def number(core):
    return eligible_number(core)


@pytest.fixture
def owner(core, number):
    """The owner's account and entry, proven."""
    account = an_account(core)
    return account, a_member(core, account, number=number, relation="self")


@pytest.fixture
def squatter(core, number, owner):
    """Somebody who knows number, name and birth date, and has no proof."""
    account = an_account(core)
    words = {"name": NAME, "national_number": number, "birth_date": BORN, "relation": "self"}
    return account, add_member(core, account_id=account, **words)


def entry(core, member):
    with core.sessions() as session:
        return session.get(HouseholdMember, member)


def test_a_squatter_learns_nothing_of_the_owners_account(core, owner, squatter):
    (shown,) = people_acted_for(core, account_id=squatter[0])
    assert shown.acting == ()


def test_a_squatter_ends_nobody_whichever_entries_they_name(core, owner, squatter):
    for mine, theirs in ((squatter[1], owner[1]), (owner[1], squatter[1]), (owner[1], owner[1])):
        with pytest.raises(NotFoundError):
            end_acting(core, account_id=squatter[0], member_id=mine, acting_id=theirs)
    assert entry(core, owner[1]) is not None
    with core.sessions() as session:
        assert session.scalars(select(Dispute)).all() == []


def test_a_dispute_takes_nothing_from_the_owner_before_a_counter_decides(core, owner, number):
    """Who stole the card's number is proven too: an accusation alone must not win."""
    thief = an_account(core)
    stolen = a_member(core, thief, number=number)
    end_acting(core, account_id=thief, member_id=stolen, acting_id=owner[1])
    assert entry(core, owner[1]).level is IdentityLevel.PROVEN


def test_notices_name_no_one_and_no_number(core, owner, squatter, number):
    end_acting(core, account_id=owner[0], member_id=owner[1], acting_id=squatter[1])
    with core.sessions() as session:
        values = session.scalars(select(Message.values).where(Message.account_id == squatter[0])).all()
    assert not any(word in str(values) for word in (number, "أمل", str(owner[0])))


def test_a_code_for_the_counter_is_nowhere_but_on_its_page(core, owner):
    code = show_counter_code(core, account_id=owner[0], member_id=owner[1]).code
    with core.sessions() as session:
        kept = session.scalars(select(PhoneCode).where(PhoneCode.purpose == "at_counter")).one()
        notices = session.scalars(select(Message.kind).where(Message.account_id == owner[0])).all()
    assert code.encode() not in kept.code_hash
    assert "at_counter" not in notices
    with pytest.raises(NotFoundError):  # another account's page cannot show it
        show_counter_code(core, account_id=an_account(core), member_id=owner[1])


def test_a_clerk_cannot_hand_a_person_to_an_accomplice(core, owner, squatter):
    """An account becomes seen by the code on its own page for this very person, and by nothing that a clerk types."""
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    accomplice = an_account(core)
    other = a_member(core, accomplice, name="سامي الخيالي")
    code = show_counter_code(core, account_id=accomplice, member_id=other).code
    person = entry(core, owner[1]).person_id
    with pytest.raises(WrongCodeError):
        decide(core, officer_id=clerk, person_id=person, seen=Seen(**SEEN, code=code, end=[owner[1]]))
    assert entry(core, owner[1]).level is IdentityLevel.PROVEN


def test_a_clerk_does_not_guess_the_code(core, owner):
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    right = show_counter_code(core, account_id=owner[0], member_id=owner[1]).code
    person = entry(core, owner[1]).person_id
    guesses = (f"{guess:06d}" for guess in range(10**6) if f"{guess:06d}" != right)
    for guess, _ in zip(guesses, range(5), strict=False):
        with pytest.raises(WrongCodeError):
            decide(core, officer_id=clerk, person_id=person, seen=Seen(**SEEN, code=guess))
    with pytest.raises(WrongCodeError):
        decide(core, officer_id=clerk, person_id=person, seen=Seen(**SEEN, code=right))


def test_a_clerk_reads_no_names_and_dates_off_the_register(core, owner, number):
    """The register is asked about what the document says; its answer is which of both differs, never what it knows."""
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    core.register.enrol(number, Enrolled("سعاد أخرى", BORN.replace(year=1970)))
    person = entry(core, owner[1]).person_id
    with pytest.raises(MawidError) as refused:
        decide(core, officer_id=clerk, person_id=person, seen=Seen(**SEEN, end=[owner[1]]))
    assert "سعاد" not in repr(refused.value)
    assert "1970" not in repr(refused.value)


def test_the_audit_log_says_who_looked_for_whom_without_a_number_or_name(core, owner, squatter, number):
    """Before, a search was on record without whom it was about (L3): nobody could say who had looked for a person."""
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    person = find_person(core, officer_id=clerk, national_number=number)
    person_at_counter(core, officer_id=clerk, person_id=person)
    decide(core, officer_id=clerk, person_id=person, seen=Seen(**SEEN, end=[squatter[1]]))
    with core.sessions() as session:
        of_identity = select(AuditEntry).where(AuditEntry.action.startswith("identity."))
        kept = session.scalars(of_identity.order_by(AuditEntry.sequence)).all()
    assert [one.action for one in kept] == ["identity.searched", "identity.looked_at", "identity.decided"]
    boss = a_colleague(core, Role.ADMINISTRATOR)
    assert [one.account_id for one in who_looked_for(core, by=boss, national_number=number)] == [clerk]
    assert who_looked_for(core, by=boss, national_number=eligible_number(core)) == []
    assert not any(word in str([(one.subject, one.details) for one in kept]) for word in (number, NAME))


WAYS: dict[str, Callable] = {
    "their own person": lambda core, clerk, number: a_member(core, clerk, number=number),
    "their own phone": lambda core, clerk, number: a_member(core, same_phone(core, clerk), number=number),
}


def same_phone(core, clerk):
    private = an_account(core)
    with core.sessions.begin() as session:
        session.get_one(Account, private).phone_hash = session.get_one(Account, clerk).phone_hash
    return private


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_database_refuses_a_clerks_own_decision_too(core, owner, number, way):
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    way(core, clerk, number)
    row = {"person_id": entry(core, owner[1]).person_id, "account_id": owner[0], "opened_at": core.clock.now()}
    decided = {"decided_at": core.clock.now(), "decided_by": clerk, "office_id": 1, "outcome": "ended"}
    with pytest.raises(IntegrityError, match="own: "), core.sessions.begin() as session:
        session.execute(insert(Dispute).values(**row, **decided))
