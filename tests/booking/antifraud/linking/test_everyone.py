import io
from datetime import date

import pytest
from rich.console import Console
from sqlalchemy import func, select
from typer.testing import CliRunner

from booking.antifraud.linking import newcomers
from booking.antifraud.linking.decide import decide_case
from booking.antifraud.linking.newcomers import compare_newcomers, find_duplicates, open_duplicates
from booking.entrypoints.commands import linking as commands
from booking.entrypoints.commands.fraud import app
from booking.platform.models import HouseholdMember, PersonKey
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.antifraud.linking.people import BORN, NAME, a_person, cases, strangers
from tests.support.country import an_account


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
