import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from booking.country.core.register import open_national_number
from booking.people.accounts.household import add_member, list_members, remove_member
from booking.people.registers.synthetic import Enrolled
from booking.platform.base.errors import (
    HouseholdFullError,
    InvalidInputError,
    NotFoundError,
    PersonInUseError,
    PhoneNotConfirmedError,
    TooManyAttemptsError,
)
from booking.platform.models import (
    HouseholdMember,
    Person,
    QuotaPolicy,
    Request,
    RequestMember,
    Service,
)
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import Door
from tests.booking.people.identity.conftest import Away

SALMA = {"name": "سلمى الورد", "national_number": "01234567890", "birth_date": date(1990, 5, 17), "relation": "self"}


@pytest.fixture
def add(core):
    def act(account_id, **changes):
        return add_member(core, account_id=account_id, **SALMA | changes)

    return act


def refusals(error):
    return [(e.field, e.reason) for e in error.value.errors]


def numbered(n):
    return f"0200000{n:04}"


@pytest.fixture
def ask_for(core):
    """Put people into a live request of an account, and return a function that ends it."""

    def act(account_id, *member_ids):
        with core.sessions.begin() as session:
            service = Service(
                code="renewal",
                delivery="appointment",
                group_code="passports",
                agency_code="passports",
                name_ar="تجديد",
                name_en="Renewal",
                description_ar="",
                description_en="",
                exclusive_group="passport",
                units=1,
                maximum_wait_days=30,
                spec={},
                position=1,
                audience="both",
            )
            people = session.scalars(select(HouseholdMember.person_id).where(HouseholdMember.id.in_(member_ids))).all()
            request = Request(
                reference="R1",
                account_id=account_id,
                service=service,
                door=Door.HOME,
                party_size=len(people),
                units=len(people),
                first_day=date(2026, 12, 1),
                weekdays=127,
                bands="morning",
                accessible=False,
                nonce=b"n",
                receipt=b"r",
                device_hash=b"",
                network_hash=b"",
                phone_hash=b"",
                created_at=core.clock.now(),
                members=[
                    RequestMember(person_id=person, position=n, exclusive_group="passport", units=1, live=True)
                    for n, person in enumerate(people)
                ],
            )
            session.add(request)

        def end():
            with core.sessions.begin() as session:
                for member in session.scalars(select(RequestMember)):
                    member.live = False

        return end

    return act


def test_a_person_is_stored_with_a_sealed_national_number(core, an_account, add):
    account_id = an_account()

    member_id = add(account_id, national_number="٠١٢٣٤ ٥٦٧-٨٩۰", birth_date="١٧/٥/١٩٩٠")

    with core.sessions() as session:
        person = session.scalars(select(Person)).one()
    assert open_national_number(core.vault, person) == "01234567890"
    assert b"01234567890" not in person.national_number_ciphertext + person.national_number_hash
    [member] = list_members(core, account_id=account_id)
    assert (member.id, member.name, member.number_ends) == (member_id, "سلمى الورد", "890")
    assert member.birth_date == date(1990, 5, 17)


def test_every_unusable_field_is_reported_at_once(core, an_account, add):
    with pytest.raises(InvalidInputError) as refused:
        add(an_account(), name="", national_number="12", birth_date="31/2/1990", relation="boss")

    assert refusals(refused) == [
        ("name", "missing"),
        ("national_number", "length"),
        ("birth_date", "unreadable"),
        ("relation", "unknown"),
    ]


def test_accounts_that_add_the_same_person_at_once_share_it(core, an_account, add):
    accounts = [an_account(f"relative{n}") for n in range(4)]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda account: add(account, relation="parent"), accounts))

    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(HouseholdMember)) == 4


def test_a_double_click_adds_one_member(core, an_account, add):
    account_id = an_account()

    with ThreadPoolExecutor(2) as threads:
        ids = set(threads.map(lambda _: add(account_id), range(2)))

    [member] = list_members(core, account_id=account_id)
    assert ids == {member.id}


@pytest.mark.parametrize(
    "changes", [{"name": "سلمى نور الورد"}, {"relation": "child"}, {"birth_date": date(2015, 5, 17)}]
)
def test_typing_a_siblings_number_replaces_nobody(core, an_account, add, changes):
    account_id = an_account()
    add(account_id)
    before = list_members(core, account_id=account_id)

    with pytest.raises(InvalidInputError) as refused:
        add(account_id, **changes)

    assert refusals(refused) == [("national_number", "in_household")]
    assert list_members(core, account_id=account_id) == before


def test_a_strangers_wrong_birth_date_locks_nobody_out(core, an_account, add):
    stranger, owner = an_account("karim"), an_account("amal")
    add(stranger, birth_date=date(1909, 5, 18))

    add(owner)

    assert list_members(core, account_id=owner)[0].birth_date == date(1990, 5, 17)
    assert list_members(core, account_id=stranger)[0].birth_date == date(1909, 5, 18)


def test_who_fits_the_register_is_matched_and_no_one_else(core, an_account, add):
    core.register.enrol(SALMA["national_number"], Enrolled(SALMA["name"], SALMA["birth_date"]))
    wrong = ({}, {"name": "سلمى الورود"}, {"birth_date": date(1990, 5, 18)}, {"national_number": "99000000001"})

    for n, changes in enumerate(wrong):
        add(an_account(f"adder{n}"), **changes)

    with core.sessions() as session:
        members = session.scalars(select(HouseholdMember).order_by(HouseholdMember.id)).all()
    assert [member.level for member in members] == [IdentityLevel.MATCHED] + [IdentityLevel.CLAIMED] * 3
    assert members[0].person.birth_date == date(1990, 5, 17)


def test_a_matched_claim_corrects_what_was_typed_first(core, an_account, add):
    core.register.enrol(SALMA["national_number"], Enrolled(SALMA["name"], SALMA["birth_date"]))
    add(an_account("karim"), birth_date=date(1909, 5, 18))

    add(an_account("amal"))

    with core.sessions() as session:
        assert session.scalars(select(Person.birth_date)).one() == date(1990, 5, 17)


def test_while_the_register_is_away_a_person_is_claimed_and_matched_later(core, an_account, add):
    core.register.enrol(SALMA["national_number"], Enrolled(SALMA["name"], SALMA["birth_date"]))
    account_id = an_account()

    member_id = add_member(dataclasses.replace(core, register=Away()), account_id=account_id, **SALMA)
    assert list_members(core, account_id=account_id)[0].level is IdentityLevel.CLAIMED

    assert add(account_id) == member_id
    assert list_members(core, account_id=account_id)[0].level is IdentityLevel.MATCHED


def test_the_holder_of_an_account_is_one_person(core, an_account, add):
    account_id = an_account()
    add(account_id)

    with pytest.raises(InvalidInputError) as refused:
        add(account_id, national_number=numbered(1))
    assert refusals(refused) == [("relation", "self_taken")]


def test_a_household_grows_to_the_countrys_limit_and_no_further(core, an_account, add):
    account_id = an_account()
    for n in range(12):
        add(account_id, national_number=numbered(n), relation="child")

    with pytest.raises(HouseholdFullError):
        add(account_id, national_number=numbered(99), relation="child")
    add(account_id, national_number=numbered(0), relation="child")  # whoever is in it already needs no room


def test_the_active_policy_bounds_the_household_even_in_a_race(core, an_account, add):
    account_id = an_account()
    with core.sessions.begin() as session:
        limits = {"household_members": 2}
        first = {"version": 1, "state": "active", "active": True, "bootstrap": True}
        session.add(QuotaPolicy(**first, shares={}, limits=limits, created_at=core.clock.now()))

    def attempt(n):
        try:
            add(account_id, national_number=numbered(n), relation="child")
        except HouseholdFullError:
            return "full"
        return "added"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(attempt, range(6))) == ["added"] * 2 + ["full"] * 4


def test_an_unconfirmed_phone_comes_first(core, an_account, add):
    with pytest.raises(PhoneNotConfirmedError):
        add(an_account(confirmed=False))


def test_an_unknown_account_has_no_household(core, add):
    with pytest.raises(NotFoundError):
        add(uuid4())


def test_guesses_at_a_number_are_limited_and_never_its_owner(core, an_account, add):
    owner, guesser = an_account("amal"), an_account("karim")
    for day in range(1, 7):
        member_id = add(guesser, birth_date=date(1991, 1, day))
        remove_member(core, account_id=guesser, member_id=member_id)
    with pytest.raises(TooManyAttemptsError):
        add(guesser)

    add(owner)


def test_only_the_account_removes_its_members(core, an_account, add):
    mine, other = an_account("amal"), an_account("karim")
    member_id = add(mine)

    for wrong in (member_id + 1, -1):
        with pytest.raises(NotFoundError):
            remove_member(core, account_id=mine, member_id=wrong)
    with pytest.raises(NotFoundError):
        remove_member(core, account_id=other, member_id=member_id)
    remove_member(core, account_id=mine, member_id=member_id)

    assert list_members(core, account_id=mine) == []


def test_a_person_in_a_live_request_stays_until_it_is_over(core, an_account, add, ask_for):
    account_id = an_account()
    member_id = add(account_id)
    end = ask_for(account_id, member_id)

    with pytest.raises(PersonInUseError):
        remove_member(core, account_id=account_id, member_id=member_id)

    end()
    remove_member(core, account_id=account_id, member_id=member_id)
