"""One person with two logins is one pair of eyes: each of these succeeded when accounts were compared."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate import exceptions
from booking.antifraud.gate.exceptions import Subject, grant
from booking.antifraud.gate.versions import RULES, propose_rules
from booking.country.versions.steps import activate, roll_back
from booking.people.accounts.identity import read_identity
from booking.people.staff.change import bind_person
from booking.platform.base.errors import OtherOfficerNeededError, OwnCaseError, SecondPersonNeededError
from booking.platform.base.settings import Environment
from booking.platform.models import Account, RuleException, RuleSetVersion
from booking.platform.models.states import Role
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.review import appeal, decide_review
from booking.scheduling.urgent import approve, claim
from booking.scheduling.urgent.errors import DifferentPersonNeededError
from fraud.rules.rule_set import ALL_RULES
from tests.booking.scheduling.requests.test_review import ALWAYS
from tests.booking.scheduling.urgent.held_cases import added_slot
from tests.support.country import (
    a_citizen_of_the_register,
    a_colleague,
    a_member,
    a_request,
    a_wish,
    an_account,
    an_origin,
    pending_number,
    put_rules_in_force,
)
from tests.support.urgent_cases import APPROVE, a_quick_case_with_officers

TIES = ("number", "phone")
MINE = """
[[rule]]
name = "my-way"
when = "party_size > 7"
then = "review"
say = {ar = "كما أريد", en = "As I like it"}
"""


@pytest.fixture(params=TIES)
def two_logins(country, request):
    """Make two accounts of one person, by number or by phone; return how."""

    def make(*roles, **where):
        one, other = a_colleague(country, *roles, **where), a_colleague(country, *roles, **where)
        tie(country, one, other, by=request.param)
        return one, other

    return make


def tie(core, one, other, *, by):
    """As an insider would: past the use cases, which refuse a second account."""
    with core.sessions.begin() as session:
        if by == "phone":
            phone = session.get_one(Account, one).phone_hash
            session.execute(update(Account).where(Account.id == other).values(phone_hash=phone))
    if by == "number":
        who = read_identity(core, **a_citizen_of_the_register(core))
        bind_person(core, by=None, account_id=one, who=who, reason="first day")
        with core.sessions.begin() as session:
            row = "INSERT INTO staff_person SELECT :other, person_id, now() FROM staff_person WHERE account_id = :one"
            session.execute(text(row), {"one": one, "other": other})


def test_a_second_login_cannot_activate_what_the_first_proposed(country, two_logins):
    """One person with two analyst accounts put a rule of their own in force alone."""
    one, other = two_logins(Role.ANALYST)
    version = propose_rules(country, source=MINE, by=one)

    with pytest.raises(SecondPersonNeededError):
        activate(country, RULES, version=version, by=other, anyway=True)

    by_hand = update(RuleSetVersion).where(RuleSetVersion.version == version)
    with pytest.raises(DBAPIError, match="same person"), country.sessions.begin() as session:
        session.execute(by_hand.values(activated_by=other, activated_at=country.clock.now()))


def test_a_second_login_cannot_roll_back_to_ones_own_rule(country, two_logins):
    """Whoever had proposed a rule that was replaced brought it back with a second account."""
    one, other = two_logins(Role.ANALYST)
    version = propose_rules(country, source=MINE, by=one)
    activate(country, RULES, version=version, by=a_colleague(country, Role.ANALYST), anyway=True)
    put_rules_in_force(country, source=ALWAYS.format(verdict="review"))

    with pytest.raises(SecondPersonNeededError):
        roll_back(country, RULES, by=other)


def test_a_second_login_cannot_answer_the_appeal_of_the_first(country, two_logins):
    """The officer who refused a request rejected its appeal from another account."""
    one, other = two_logins(Role.REVIEWER)
    put_rules_in_force(country, source=ALWAYS.format(verdict="review"))
    account, asked = a_request(country)
    decide_review(country, officer_id=one, reference=asked.reference, accept=False, note="no")
    appeal(country, account_id=account, reference=asked.reference, words="we are two sisters")

    with pytest.raises(OtherOfficerNeededError):
        decide_review(country, officer_id=other, reference=asked.reference, accept=False, note="still no")

    by_hand = text("UPDATE appeal SET state = 'rejected', decided_by = :other, decided_at = :now")
    with pytest.raises(DBAPIError, match="other than the first"), country.sessions.begin() as session:
        session.execute(by_hand, {"other": other, "now": country.clock.now()})


def test_a_second_login_cannot_be_the_second_approval(country, two_logins):
    """A supervisor with two accounts gave an urgent place beyond the pool alone."""
    one, other = two_logins(Role.SUPERVISOR, office="damascus")
    case = a_quick_case_with_officers(country)
    claim.claim(country, officer_id=one, reference=case.reference)
    beyond = {"slot_id": added_slot(country, case), "beyond_pool": True}
    approve.approve(country, officer_id=one, reference=case.reference, **beyond, **APPROVE)

    with pytest.raises(DifferentPersonNeededError):
        approve.approve_second(country, officer_id=other, reference=case.reference, **APPROVE)

    again = """
    INSERT INTO urgent_decision OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(first, jsonb_build_object(
        'id', gen_random_uuid(), 'officer_id', CAST(:other AS text), 'position', 2))).* FROM urgent_decision first
    WHERE act = 'approval' AND position = 1
    """
    with pytest.raises(DBAPIError, match="same person"), country.sessions.begin() as session:
        session.execute(text(again), {"other": other})


def test_an_exception_from_all_rules_waits_for_another_person(country, two_logins):
    """One analyst excepted a friend from every rule of the gate, and nobody else had to agree."""
    one, other = two_logins(Role.ANALYST)
    put_rules_in_force(country, source=ALWAYS.format(verdict="review"))
    account, asked = a_request(country)
    until = country.clock.now() + timedelta(days=9)
    about = {"reference": asked.reference, "subject": Subject.ACCOUNT, "rule": ALL_RULES, "until": until}
    exception = grant(country, by=name_of(country, one), reason="a friend", **about)
    assert [row.waits for row in exceptions.valid_exceptions(country)] == [True]
    assert excepted_from(country, account) == set()

    with pytest.raises(SecondPersonNeededError):
        exceptions.approve(country, by=name_of(country, other), exception_id=exception)
    by_hand = update(RuleException).values(approved_by=other, approved_at=country.clock.now())
    with pytest.raises(DBAPIError, match="same person"), country.sessions.begin() as session:
        session.execute(by_hand)

    exceptions.approve(country, by=name_of(country, a_colleague(country, Role.ANALYST)), exception_id=exception)
    assert [row.waits for row in exceptions.valid_exceptions(country)] == [False]
    assert excepted_from(country, account) == {ALL_RULES}


def excepted_from(core, account_id):
    """Return the rules that do not apply to what an account asks for, as the gate takes them."""
    now = core.clock.now()
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
        return exceptions.rules_excepted(session, core.vault, account=account, people=[], origin=an_origin(), now=now)


def test_an_officer_cannot_decide_the_appeal_of_a_private_account(country):
    """An officer rejected nothing but their own appeal: it was asked from a private account with another phone."""
    officer = a_colleague(country, Role.REVIEWER)
    account = an_account(country)
    member = a_member(country, account, number=pending_number(country))
    asked = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    appeal(country, account_id=account, reference=asked.reference, words="I did nothing")
    with country.sessions.begin() as session:
        bound = """
        INSERT INTO staff_person
        SELECT :officer, person_id, now() FROM request_member m JOIN request r ON r.id = m.request_id
        WHERE r.reference = :reference
        """
        session.execute(text(bound), {"officer": officer, "reference": asked.reference})

    with pytest.raises(OwnCaseError):
        decide_review(country, officer_id=officer, reference=asked.reference, accept=True, note="I know him well")


def test_in_production_an_account_of_nobody_is_no_second_pair_of_eyes(country):
    """Accounts that no register was asked about may all be one person's."""
    one, other = a_colleague(country, Role.ANALYST), a_colleague(country, Role.ANALYST)
    version = propose_rules(country, source=MINE, by=one)
    object.__setattr__(country.settings, "environment", Environment.PRODUCTION)
    with pytest.raises(SecondPersonNeededError):
        activate(country, RULES, version=version, by=other, anyway=True)

    for account_id in (one, other):
        who = read_identity(country, **a_citizen_of_the_register(country))
        bind_person(country, by=None, account_id=account_id, who=who, reason="first day")
    activate(country, RULES, version=version, by=other, anyway=True)


def name_of(core, account_id):
    with core.sessions() as session:
        return session.scalars(select(Account.username).where(Account.id == account_id)).one()
