"""Somebody abroad who ranks a consulate and, for a visit home, a branch."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.platform.base.errors import AlreadyLiveError, InvalidInputError
from booking.platform.models import Appointment, Office, Request
from booking.platform.models.states import Door
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.ask import ask
from tests.booking.scheduling.draws.wishes import leaves_of
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.open_draws import open_a_draw


@pytest.fixture
def abroad(country):
    account = an_account(country, door=Door.ABROAD)
    return account, a_member(country, account)


def wish_of(core, member, **changes):
    home = core.today() + timedelta(days=8)
    fields = {"home_first": home, "home_last": home + timedelta(days=1), "offices": ("homs", "berlin")} | changes
    return dataclasses.replace(a_wish((member,)), door=Door.ABROAD, **fields)


def drawn(core, clock):
    open_a_draw(core, "d1")
    clock.advance(timedelta(days=1))
    draws.close(core, "d1")
    draws.run(core, "d1")
    draws.publish(core, "d1")
    return {name: file.content for name, file in draws.files(core, "d1").items()}


def test_a_branch_is_given_on_days_of_the_visit_and_anyone_can_check(country, clock, abroad):
    account, member = abroad
    wish = wish_of(country, member)
    ask(country, account_id=account, wish=wish, origin=an_origin())

    files = drawn(country, clock)

    with country.sessions() as session:
        appointment, office = session.execute(
            select(Appointment, Office.code).join(Office, Office.id == Appointment.office_id)
        ).one()
    assert office == "homs"
    assert wish.home_first <= appointment.starts_at.date() <= wish.home_last
    assert leaves_of(files)[0].wish.windows == (("homs", wish.home_first, wish.home_last),)
    report = verify_files(files)
    assert report.ok, report.words()


def test_a_visit_outside_the_draws_days_leaves_the_consulate(country, clock, abroad):
    account, member = abroad
    later = country.today() + timedelta(days=60)
    wish = wish_of(country, member, home_first=later, home_last=later)
    ask(country, account_id=account, wish=wish, origin=an_origin())

    drawn(country, clock)

    with country.sessions() as session:
        assert session.scalars(select(Office.code).join(Appointment)).one() == "berlin"


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"home_first": None}, "home_first", "missing_home_days"),
        ({"home_last": None}, "home_first", "missing_home_days"),
        ({"home_days": (3, 2)}, "home_first", "home_days_in_wrong_order"),
        ({"home_days": (-1, 2)}, "home_first", "home_days_in_wrong_order"),
        ({"door": Door.HOME}, "offices", "unknown_office"),
    ],
)
def test_mistakes_in_a_visit_are_named(country, abroad, changes, field, reason):
    account, member = abroad
    if days := changes.pop("home_days", None):
        first, last = (country.today() + timedelta(days=day) for day in days)
        changes = {"home_first": first, "home_last": last}
    wish = dataclasses.replace(wish_of(country, member), **changes)

    with pytest.raises(InvalidInputError) as caught:
        ask(country, account_id=account, wish=wish, origin=an_origin())

    assert (field, reason) in [(one.field, one.reason) for one in caught.value.errors]


def test_a_person_has_one_live_request_across_both_doors(country, abroad):
    account, member = abroad
    ask(country, account_id=account, wish=wish_of(country, member), origin=an_origin())

    with pytest.raises(AlreadyLiveError):
        ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())

    with country.sessions() as session:
        assert len(session.scalars(select(Request)).all()) == 1
