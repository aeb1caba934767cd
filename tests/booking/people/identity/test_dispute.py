"""An owner stands at a counter: their account becomes seen, others end, and their turn stays theirs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.country.core.register import RegisterAwayError
from booking.people.accounts.household import add_member
from booking.people.identity.acting import Answer, end_acting
from booking.people.identity.attest import show_counter_code
from booking.people.identity.dispute import decide
from booking.people.identity.levels import NotInRegisterError
from booking.people.identity.seen import Seen
from booking.people.identity.views import find_person, person_at_counter
from booking.people.registers.synthetic import Enrolled
from booking.platform.base.errors import (
    ForbiddenError,
    InvalidInputError,
    MawidError,
    OwnCaseError,
    WrongCodeError,
)
from booking.platform.models import Account, AuditEntry, Dispute, HouseholdMember, Message, Person, Request
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import AppointmentState, Role
from booking.scheduling.requests.ask import ask
from tests.booking.desk.counter.visits import a_visit
from tests.support.country import BORN, a_colleague, a_member, a_wish, an_account, an_origin, eligible_number

pytestmark = pytest.mark.neighbours

NAME = "أمل الخيالية"


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def clerk(core):
    return a_colleague(core, Role.OFFICER, office="damascus")


class Owner:
    """A person with an account of their own, at a counter."""

    def __init__(self, core, **member):
        self.core, self.number = core, eligible_number(core)
        self.account = an_account(core)
        self.member = a_member(core, self.account, number=self.number, relation="self", **member)

    @property
    def code(self):
        return show_counter_code(self.core, account_id=self.account, member_id=self.member).code

    @property
    def person(self):
        with self.core.sessions() as session:
            return session.get_one(HouseholdMember, self.member).person_id

    def stands_before(self, clerk, **changes):
        seen = {"documents": ["identity_card"], "name": NAME, "birth_date": BORN, "reason": "she came herself"}
        decide(self.core, officer_id=clerk, person_id=self.person, seen=Seen(**(seen | changes)))


@pytest.fixture
def owner(core):
    return Owner(core)


def entry(core, account, owner):
    with core.sessions() as session:
        return session.scalars(
            select(HouseholdMember).where(
                HouseholdMember.account_id == account, HouseholdMember.person_id == owner.person
            )
        ).one_or_none()


def told(core, account):
    with core.sessions() as session:
        return set(session.scalars(select(Message.kind).where(Message.account_id == account))) - {"confirm_phone"}


@pytest.mark.alone
def test_the_account_with_the_code_is_seen_and_the_other_one_ends(core, owner, clerk):
    visit = a_visit(core, number=owner.number, days=1)
    other = entry(core, visit.account_id, owner)
    owner.stands_before(clerk, code=owner.code, end=[other.id])

    mine = entry(core, owner.account, owner)
    assert (mine.level, mine.proved_by) == (IdentityLevel.SEEN, ProofKind.OFFICER)
    assert entry(core, visit.account_id, owner) is None
    assert "acting_ended" in told(core, visit.account_id)
    assert {"identity_proven", "turn_is_yours"} <= told(core, owner.account)
    with core.sessions() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "identity.decided")).one()
        answers = {one.account_id: one.outcome for one in session.scalars(select(Dispute))}
    assert (kept.account_id, kept.details["documents"]) == (clerk, ["identity_card"])
    assert answers == {owner.account: "seen", visit.account_id: "ended"}


def test_an_appointment_tomorrow_goes_to_the_account_of_who_was_seen(core, owner, clerk):
    visit = a_visit(core, number=owner.number, days=1)
    before = visit.row
    owner.stands_before(clerk, code=owner.code, end=[entry(core, visit.account_id, owner).id])
    after = visit.row
    assert after.request.account_id == owner.account
    assert (after.state, after.starts_at, after.reference) == (before.state, before.starts_at, before.reference)


def test_a_waiting_request_goes_along_with_its_priority(core, owner, clerk):
    stranger = an_account(core)
    member = a_member(core, stranger, number=owner.number)
    reference = asked(core, stranger, (member,))
    with core.sessions.begin() as session:
        session.scalars(select(Request).where(Request.reference == reference)).one().lost_draws = 3
    owner.stands_before(clerk, code=owner.code, end=[member])
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
    assert (request.account_id, request.lost_draws, request.state.value) == (owner.account, 3, "accepted")


def test_a_family_keeps_its_appointment_without_the_person(core, owner, clerk):
    family = an_account(core)
    daughter, contested = a_member(core, family), a_member(core, family, number=owner.number)
    reference = asked(core, family, (daughter, contested))
    owner.stands_before(clerk, code=owner.code, end=[contested])
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        assert (request.account_id, request.state.value) == (family, "accepted")
    mine = asked(core, owner.account, (owner.member,))
    assert mine != reference


def test_a_turn_of_the_owners_own_is_not_doubled(core, owner, clerk):
    asked(core, owner.account, (owner.member,))
    stranger = an_account(core)
    add_member(
        core, account_id=stranger, name=NAME, national_number=owner.number, birth_date=BORN, relation="other"
    )  # only claimed
    owner.stands_before(clerk, code=owner.code)
    assert entry(core, stranger, owner) is None
    with core.sessions() as session:
        assert len(session.scalars(select(Request).where(Request.account_id == owner.account)).all()) == 1


@pytest.mark.alone
def test_ending_without_an_account_of_ones_own_frees_the_place(core, clerk):
    visit = a_visit(core, days=1)
    with core.sessions() as session:
        squatter = session.scalars(select(HouseholdMember)).one()
    seen = Seen(documents=["passport"], name=NAME, birth_date=BORN, reason="not hers", end=[squatter.id])
    decide(core, officer_id=clerk, person_id=squatter.person_id, seen=seen)
    assert visit.row.state is AppointmentState.CANCELLED
    assert {"acting_ended", "request_claim_ended"} <= told(core, visit.account_id)


@pytest.mark.alone
def test_what_was_asked_on_pages_is_answered_and_both_are_told(core, owner, clerk):
    other = an_account(core)
    kept = a_member(core, other, number=owner.number)
    answer = end_acting(core, account_id=owner.account, member_id=owner.member, acting_id=kept)
    assert answer is Answer.DISPUTED
    shown = person_at_counter(core, officer_id=clerk, person_id=owner.person)
    assert [line.acting.disputed for line in shown.lines] == [False, True]
    owner.stands_before(clerk, code=owner.code)  # and she says that her husband may go on
    with core.sessions() as session:
        assert {one.account_id: one.outcome for one in session.scalars(select(Dispute))} == {
            owner.account: "seen",
            other: "kept",
        }
    assert "dispute_answered" in told(core, other) & told(core, owner.account)


def test_a_wrong_birth_date_in_the_book_is_put_right(core, clerk):
    right = date(1990, 7, 15)
    owner = Owner(core)
    core.register.enrol(owner.number, Enrolled(NAME, right))
    owner.stands_before(clerk, code=owner.code, birth_date="15/7/1990")
    with core.sessions() as session:
        assert session.get_one(Person, owner.person).birth_date == right
    assert entry(core, owner.account, owner).birth_date == right


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"documents": []}, "documents"),
        ({"documents": ["library_card"]}, "documents"),
        ({"reason": "  "}, "reason"),
        ({"name": "ليلى الأخرى"}, "name"),
        ({"birth_date": "1/1/1980"}, "birth_date"),
        ({"code": ""}, "code"),
    ],
)
def test_each_unusable_answer_is_named_and_nothing_changes(core, owner, clerk, changes, field):
    with pytest.raises(InvalidInputError) as refused:
        owner.stands_before(clerk, **({"code": owner.code} | changes))
    assert [one.field for one in refused.value.errors] == [field]
    assert entry(core, owner.account, owner).level is IdentityLevel.PROVEN


def test_a_number_whose_holder_died_makes_nobody_seen(core, owner, clerk):
    core.register.enrol(owner.number, Enrolled(NAME, BORN, dead=True))
    with pytest.raises(NotInRegisterError):
        owner.stands_before(clerk, code=owner.code)


def test_nothing_is_lost_while_the_register_is_away(core, owner, clerk, away):
    owner.core, code = away, owner.code
    with pytest.raises(RegisterAwayError):
        owner.stands_before(clerk, code=code)
    owner.core = core
    owner.stands_before(clerk, code=code)
    assert entry(core, owner.account, owner).level is IdentityLevel.SEEN


def test_a_code_of_another_person_or_account_attaches_nobody(core, owner, clerk):
    brother = a_member(core, owner.account, name="سامي الخيالي")
    stranger = Owner(core)
    for code in (
        show_counter_code(core, account_id=owner.account, member_id=brother).code,
        stranger.code,
        "000000",
    ):
        with pytest.raises(WrongCodeError):
            owner.stands_before(clerk, code=code)
    assert entry(core, stranger.account, stranger).level is IdentityLevel.PROVEN


def test_a_code_works_once_until_it_ends_and_after_few_wrong_ones(core, owner, clerk):
    code = owner.code
    owner.stands_before(clerk, code=code)
    with pytest.raises(WrongCodeError):
        owner.stands_before(clerk, code=code)
    late = owner.code
    core.clock.advance(core.settings.otp_lifetime + timedelta(seconds=1))
    with pytest.raises(WrongCodeError):
        owner.stands_before(clerk, code=late)
    guessed = owner.code
    for n in range(5):
        with pytest.raises(WrongCodeError):
            owner.stands_before(clerk, code=f"{(int(guessed) + n + 1) % 10**6:06d}")
    with pytest.raises(WrongCodeError):
        owner.stands_before(clerk, code=guessed)


def test_an_entry_that_is_gone_meanwhile_holds_nothing_up(core, owner, clerk):
    owner.stands_before(clerk, code=owner.code, end=[2**31 - 1])
    assert entry(core, owner.account, owner).level is IdentityLevel.SEEN


def test_the_account_with_the_code_is_not_ended(core, owner, clerk):
    with pytest.raises(InvalidInputError, match="seen_and_ended"):
        owner.stands_before(clerk, code=owner.code, end=[owner.member])


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ANALYST, Role.ADMINISTRATOR])
def test_only_who_serves_a_counter_looks_and_decides(core, owner, role):
    somebody = a_colleague(core, role)
    for act in (
        lambda: find_person(core, officer_id=somebody, national_number=owner.number),
        lambda: person_at_counter(core, officer_id=somebody, person_id=owner.person),
        lambda: owner.stands_before(somebody, code=owner.code),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_a_clerk_decides_about_no_person_or_account_of_their_own(core, owner, clerk):
    friend = an_account(core)
    contested = a_member(core, friend, number=owner.number)
    with core.sessions.begin() as session:
        session.get_one(Account, friend).phone_hash = session.get_one(Account, clerk).phone_hash
    for act in (
        lambda: find_person(core, officer_id=clerk, national_number=owner.number),
        lambda: person_at_counter(core, officer_id=clerk, person_id=owner.person),
        lambda: owner.stands_before(clerk, code=owner.code, end=[contested]),
    ):
        with pytest.raises(OwnCaseError):
            act()


@pytest.mark.alone
def test_each_search_is_on_record_without_the_number(core, owner, clerk):
    find_person(core, officer_id=clerk, national_number=owner.number)
    with pytest.raises(MawidError, match="nobody_acts"):
        find_person(core, officer_id=clerk, national_number=eligible_number(core))
    with core.sessions() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "identity.searched")).all()
    assert [one.details["found"] for one in kept] == [True, False]
    assert kept[0].details["looked_for"] != kept[1].details["looked_for"]
    assert owner.number not in str([one.details for one in kept])


def asked(core, account, people):
    return ask(core, account_id=account, wish=a_wish(people), origin=an_origin()).reference
