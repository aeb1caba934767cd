"""A request that is taken while the register is away is judged again once it answers."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.appointments.reserve import hold
from booking.core.register import RegisterAwayError
from booking.models import Request, Verdict
from booking.models.states import Door, RequestState
from booking.places.views import open_slots
from booking.requests.ask import ask
from booking.requests.judge_again import judge_again
from tests.booking.identity.conftest import Away
from tests.country import a_member, a_wish, an_account, an_origin


@pytest.fixture
def away(country):
    return dataclasses.replace(country, register=Away())


def asked(core, away, **person):
    account_id = an_account(core)
    member_id = a_member(core, account_id, **person)
    ask(away, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())
    with core.sessions() as session:
        return session.scalars(select(Request)).one()


def verdicts(core):
    with core.sessions() as session:
        return session.scalars(select(Verdict).order_by(Verdict.decided_at)).all()


def test_a_register_that_is_away_refuses_nobody_and_is_written_down(country, away):
    request = asked(country, away)

    assert request.state is RequestState.ACCEPTED
    [verdict] = verdicts(country)
    assert (verdict.degraded, verdict.inputs["register"]) == (True, "away")


def test_what_registers_rule_out_later_lapses_with_the_reasons(country, away, clock):
    request = asked(country, away, number="99000000001")
    with pytest.raises(RegisterAwayError):
        judge_again(away, request.id)
    clock.advance(timedelta(seconds=1))

    judge_again(country, request.id)

    with country.sessions() as session:
        assert session.get_one(Request, request.id).state is RequestState.LAPSED
    assert [reason["code"] for reason in verdicts(country)[-1].reasons] == ["hard.unknown_person"]


def test_what_registers_do_not_rule_out_goes_on(country, away):
    request = asked(country, away)

    judge_again(country, request.id)

    with country.sessions() as session:
        assert session.get_one(Request, request.id).state is RequestState.ACCEPTED
    [verdict] = verdicts(country)
    assert verdict.inputs["register"] == "read_later"


def test_no_place_is_given_at_once_while_the_register_is_away(country, away):
    account_id = an_account(country)
    wish = a_wish((a_member(country, account_id),))
    with country.sessions() as session:
        slot = open_slots(session, door=Door.HOME, units=1, now=country.clock.now(), office_code="damascus")[0]

    with pytest.raises(RegisterAwayError):
        hold(away, account_id=account_id, slot_id=slot.slot_id, wish=wish, origin=an_origin())
