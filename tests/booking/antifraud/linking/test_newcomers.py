import io
from datetime import date

import pytest
from rich.console import Console
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from booking.antifraud.linking import newcomers
from booking.antifraud.linking.decide import decide_case
from booking.antifraud.linking.newcomers import BATCH, compare_newcomers, find_duplicates, open_duplicates
from booking.entrypoints.commands import linking as commands
from booking.entrypoints.commands.fraud import app
from booking.people.accounts.household import add_member, list_members, remove_member
from booking.platform.models import HouseholdMember, PersonKey
from booking.platform.models.requests.case import CaseKind, CaseState
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.antifraud.linking.people import BORN, NAME, a_person, cases, one_digit_off, strangers
from tests.support.country import an_account, eligible_number


def waiting(core):
    with core.sessions() as session:
        return session.scalar(
            select(func.count()).select_from(HouseholdMember).where(HouseholdMember.compared_at.is_(None))
        )


@pytest.mark.parametrize("name", [NAME, "سلما نبيل خيالية", "Salma Nabil Al-Khayaliya", "سلمى الخيالية"])
def test_a_person_added_under_another_number_opens_one_case(country, name):
    first = a_person(country)
    compare_newcomers(country)
    second = a_person(country, name)

    assert compare_newcomers(country) == 1
    assert compare_newcomers(country) == 0

    [case] = cases(country)
    assert (case.kind, case.state) == (CaseKind.SAME_PERSON, CaseState.OPEN)
    assert set(case.subjects) == {first, second}
    assert case.evidence["probability"] >= 0.9
    assert case.evidence["levels"]["birth_date"] == "same"
    assert case.opened_at == country.clock.now()


def test_two_people_added_in_one_batch_are_compared_with_each_other(country):
    people = {a_person(country), a_person(country)}
    a_person(country, "باسل عمر المثالي", born=date(1955, 1, 30))

    assert compare_newcomers(country) == 3
    [case] = cases(country)
    assert set(case.subjects) == people


def test_a_number_that_is_one_digit_off_is_stronger_evidence(country):
    number = eligible_number(country)
    a_person(country, number=number, born=date(1984, 3, 19))
    a_person(country, number=one_digit_off(number))

    compare_newcomers(country)

    [case] = cases(country)
    assert case.evidence["levels"]["national_number"] == "one_off"
    assert case.evidence["levels"]["birth_date"] == "near"


def test_a_family_with_twins_opens_no_case(country):
    parent, other_parent = an_account(country), an_account(country)
    for name, born in [
        ("نبيل خالد الخيالي", date(1960, 5, 2)),
        ("سلمى نبيل الخيالية", BORN),
        ("هالة نبيل الخيالية", BORN),
        ("كريم نبيل الخيالي", date(1990, 11, 21)),
    ]:
        a_person(country, name, born=born, account=parent)
    a_person(country, "رنا نبيل الخيالية", born=BORN, account=other_parent)  # a triplet

    compare_newcomers(country)

    assert cases(country) == []


def test_one_person_in_two_households_opens_no_case(country):
    number = eligible_number(country)
    a_person(country, number=number)
    a_person(country, number=number)

    assert compare_newcomers(country) == 2
    assert cases(country) == []


def test_a_name_typed_again_is_compared_again(country):
    a_person(country)
    account, number = an_account(country), eligible_number(country)
    a_person(country, "باسل عمر المثالي", number=number, account=account)
    compare_newcomers(country)
    assert cases(country) == []

    [wrong] = list_members(country, account_id=account)
    remove_member(country, account_id=account, member_id=wrong.id)
    a_person(country, NAME, number=number, account=account)

    assert compare_newcomers(country) == 1
    assert len(cases(country)) == 1


def test_comparison_keys_are_deleted_with_the_record_and_name_nobody(country):
    account = an_account(country)
    member = add_member(
        country,
        account_id=account,
        name=NAME,
        national_number=eligible_number(country),
        birth_date=BORN,
        relation="self",
    )
    compare_newcomers(country)
    with country.sessions() as session:
        keys = session.scalars(select(PersonKey.key)).all()
    assert len(keys) == 6

    remove_member(country, account_id=account, member_id=member)

    with country.sessions() as session:
        assert session.scalars(select(PersonKey.key)).all() == []


def test_who_may_not_see_all_keys_of_a_record_removes_no_record(country):
    a_person(country)
    compare_newcomers(country)
    with country.sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        with pytest.raises(IntegrityError, match="only READ COMMITTED sees all of its keys"):
            session.execute(delete(HouseholdMember))


def test_a_key_shared_by_too_many_people_pairs_nobody(country, monkeypatch):
    from fraud.linkage import schema  # noqa: PLC0415

    people = [a_person(country) for _ in range(4)]
    compare_newcomers(country)
    opened = len(cases(country))
    assert opened == 6
    few = schema.Schema(schema.PEOPLE.fields, schema.PEOPLE.blocks, largest_block=2)
    monkeypatch.setattr("fraud.linkage.PEOPLE", few)

    a_person(country)

    assert compare_newcomers(country) == 1
    assert len(people) == 4
    assert len(cases(country)) == opened


def test_more_newcomers_than_one_batch_are_all_compared(country):
    account = an_account(country)
    with country.sessions.begin() as session:
        person = session.get_one(HouseholdMember, _a_member(country, account)).person
        session.execute(
            text(
                "INSERT INTO person (id, national_number_ciphertext, national_number_hash, birth_date, created_at) "
                "SELECT gen_random_uuid(), :number, decode(md5(n::text), 'hex'), date '1950-01-01' + n * 97, now() "
                "FROM generate_series(1, :most) AS n"
            ),
            {"number": person.national_number_ciphertext, "most": BATCH + 3},
        )
        session.execute(
            text(
                "INSERT INTO household_member (account_id, person_id, name, relation, created_at) "
                "SELECT :account, id, 'وائل ' || left(id::text, 2), 'other', now() FROM person WHERE id <> :one"
            ),
            {"account": account, "one": person.id},
        )

    assert compare_newcomers(country) == BATCH + 4
    assert waiting(country) == 0


def test_a_second_simultaneous_run_leaves_the_work_to_the_first(country):
    a_person(country)
    with country.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": 0x6C696E6B})
        assert compare_newcomers(country) == 0
    assert compare_newcomers(country) == 1


def _a_member(core, account):
    return add_member(
        core,
        account_id=account,
        name=NAME,
        national_number=eligible_number(core),
        birth_date=BORN,
        relation="self",
    )


@pytest.fixture
def known_twice(country):
    """Somebody who is known twice, among others."""
    strangers(country)
    return {a_person(country), a_person(country, "سلما نبيل الخيالية")}


def test_a_nightly_run_finds_people_known_twice_only_once(country, known_twice):
    assert open_duplicates(country) == 1
    assert open_duplicates(country) == 0

    [case] = cases(country)
    assert set(case.subjects) == known_twice


def test_a_nightly_run_also_does_the_work_of_the_newcomer_check(country, known_twice):
    open_duplicates(country)

    assert compare_newcomers(country) == 0
    with country.sessions() as session:
        keyed = session.scalar(select(func.count(PersonKey.member_id.distinct())))
        assert keyed == session.scalar(select(func.count()).select_from(HouseholdMember)) == 152
    a_person(country, born=date(1984, 9, 3))
    assert compare_newcomers(country) == 1
    assert len(cases(country)) == 3


def test_a_pair_that_an_officer_decided_is_never_asked_about_again(country, known_twice):
    open_duplicates(country)
    [case] = cases(country)
    decide_case(
        country,
        officer_id=an_officer(country),
        reference=case.reference,
        revision=1,
        decision="different",
        note="Cousins; I saw both identity cards",
    )

    assert open_duplicates(country) == 0
    with country.sessions.begin() as session:
        for member in session.scalars(select(HouseholdMember)):
            member.compared_at = None
    compare_newcomers(country)
    assert len(cases(country)) == 1


def test_a_nightly_run_opens_no_more_cases_than_officers_can_read(country, monkeypatch):
    strangers(country)
    for _ in range(4):
        a_person(country)
    monkeypatch.setattr(newcomers, "MOST_OPEN", 4)

    assert len(find_duplicates(country)) == 6
    assert open_duplicates(country) == 4
    assert open_duplicates(country) == 0


def test_twins_and_their_father_in_one_household_open_no_case(country):
    strangers(country)
    account = an_account(country)
    for name, born in [("نبيل الخيالي", date(1960, 5, 2)), (NAME, BORN), ("هالة نبيل الخيالية", BORN)]:
        a_person(country, name, born=born, account=account)

    assert open_duplicates(country) == 0


def test_a_record_typed_again_during_the_night_is_compared_by_the_next_minute(country, monkeypatch):
    first, second = a_person(country), a_person(country, "هدى الحلبي")

    def typed_meanwhile(_core, _records):
        with country.sessions.begin() as session:
            member = session.scalars(select(HouseholdMember).where(HouseholdMember.person_id == second)).one()
            member.name = "هدى السيد"
        return []

    monkeypatch.setattr(newcomers, "_linked", typed_meanwhile)
    open_duplicates(country)

    with country.sessions() as session:
        waiting = session.scalars(select(HouseholdMember.person_id).where(HouseholdMember.compared_at.is_(None))).all()
        assert waiting == [second] != [first]


def test_an_empty_country_has_no_duplicates(country):
    assert find_duplicates(country) == []
    assert open_duplicates(country) == 0


def test_the_command_lists_pairs_without_naming_anyone(country, known_twice, monkeypatch):
    printed = io.StringIO()
    monkeypatch.setattr(commands, "Console", lambda: Console(file=printed, width=200))
    monkeypatch.setattr(commands, "command_core", lambda: _Given(country))

    done = CliRunner().invoke(app, ["duplicates", "--open-cases"])

    assert done.exit_code == 0, done.output
    [case] = cases(country)
    assert "1 cases opened" in done.output
    assert case.reference in printed.getvalue()
    assert "given alike" in printed.getvalue() or "given close" in printed.getvalue()
    for word in [*NAME.split(), "1984"]:
        assert word not in printed.getvalue() + done.output


class _Given:
    """The core of this test where the command would open its own."""

    def __init__(self, core):
        self.core = core

    def __enter__(self):
        return self.core

    def __exit__(self, *_):
        return None
