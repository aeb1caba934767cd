from datetime import date

import pytest
from sqlalchemy import select

from booking.people.accounts.edit_member import edit_member
from booking.people.accounts.household import add_member, list_members
from booking.people.registers.synthetic import Enrolled
from booking.platform.base.errors import InvalidInputError, NotFoundError, PersonInUseError
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.scheduling.requests.ask import ask
from tests.support.country import BORN, a_member, a_wish, an_account, an_origin

NUMBER = "01234567890"


@pytest.fixture
def account_id(country):
    return an_account(country)


@pytest.fixture
def member_id(country, account_id):
    return a_member(country, account_id, name="سلمى الورد", number=NUMBER, relation="self")


@pytest.fixture
def edit(country, account_id, member_id):
    def act(name, relation="self"):
        return edit_member(country, account_id=account_id, member_id=member_id, name=name, relation=relation)

    return act


def prove(core, member_id):
    with core.sessions.begin() as session:
        member = session.get_one(HouseholdMember, member_id)
        member.level, member.proved_by = IdentityLevel.PROVEN, ProofKind.CARD
        member.proved_at, member.grant_ciphertext, member.compared_at = core.clock.now(), b"grant", core.clock.now()


@pytest.mark.parametrize(
    ("known", "level"), [("سلمى الياسمين", IdentityLevel.MATCHED), ("سلمى الورد", IdentityLevel.CLAIMED)]
)
def test_another_name_of_a_proven_person_is_as_sure_as_the_register_says(country, member_id, edit, known, level):
    country.register.enrol(NUMBER, Enrolled(known, BORN))
    prove(country, member_id)

    assert edit("سلمى الياسمين") is level

    with country.sessions() as session:
        member = session.get_one(HouseholdMember, member_id)
    assert (member.name, member.level, member.compared_at) == ("سلمى الياسمين", level, None)
    assert (member.proved_by, member.proved_at, member.grant_ciphertext) == (None, None, None)


def test_the_same_words_in_another_spelling_stay_proven(country, member_id, edit):
    prove(country, member_id)

    assert edit("سلمي  الورد", relation="child") is IdentityLevel.PROVEN


def test_a_name_that_a_live_request_was_judged_by_stays(country, account_id, member_id, edit):
    ask(country, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())

    with pytest.raises(PersonInUseError):
        edit("سلمى الياسمين")

    edit("سلمى الورد", relation="spouse")
    [member] = list_members(country, account_id=account_id)
    assert (member.name, member.relation) == ("سلمى الورد", "spouse")


def test_only_one_of_a_household_is_its_holder(country, account_id, member_id):
    other = a_member(country, account_id)

    with pytest.raises(InvalidInputError) as refused:
        edit_member(country, account_id=account_id, member_id=other, name="هالة الوهمي", relation="self")
    assert [(one.field, one.reason) for one in refused.value.errors] == [("relation", "self_taken")]


def test_nobody_edits_the_household_of_another_account(country, member_id):
    with pytest.raises(NotFoundError):
        edit_member(country, account_id=an_account(country), member_id=member_id, name="هالة الوهمي", relation="other")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"national_number": "02234567890", "relation": "child"}, "same_name_and_day"),
        ({"name": "هالة الوهمي", "relation": "child"}, None),
    ],
)
def test_one_person_under_two_numbers_is_asked_about_once(country, account_id, member_id, changes, reason):
    typed = {"name": "سلمى الورد", "national_number": "02234567891", "birth_date": BORN} | changes
    if reason is None:
        assert add_member(country, account_id=account_id, **typed, sure=False)
        return
    with pytest.raises(InvalidInputError) as refused:
        add_member(country, account_id=account_id, **typed, sure=False)
    assert [(one.field, one.reason) for one in refused.value.errors] == [("sure", reason)]

    assert add_member(country, account_id=account_id, **typed, sure=True)


def test_a_child_as_holder_of_the_account_is_asked_about_once(country, account_id):
    typed = {"name": "سلمى", "national_number": NUMBER, "birth_date": date(2015, 1, 1), "relation": "self"}

    with pytest.raises(InvalidInputError) as refused:
        add_member(country, account_id=account_id, **typed, sure=False)
    assert refused.value.errors[0].reason == "very_young_self"

    add_member(country, account_id=account_id, **typed)
    with country.sessions() as session:
        assert len(session.scalars(select(HouseholdMember)).all()) == 1
