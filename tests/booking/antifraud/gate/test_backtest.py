"""A draft of rules, tried on the verdicts that the services made."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.backtest import try_rules
from booking.entrypoints.commands.fraud_backtest import as_text
from booking.platform.models import Appointment, Request
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.appeals import confirm_reselling
from booking.scheduling.requests.review import decide_review
from fraud.rules.rule_set import RuleError
from tests.booking.antifraud.gate.people import an_officer
from tests.support.country import a_member, a_request, a_wish, an_account, an_origin, put_rules_in_force
from tests.support.free_slots import free_slots

DAY = timedelta(days=1)
DRAFT = """
[[rule]]
name = "alone"
when = "party_size == 1"
then = "challenge"
say = {ar = "وحدك", en = "Alone"}
"""
REVIEW_ALL = DRAFT.replace('"challenge"', '"review"').replace("alone", "everyone")


def served(core, state):
    """An instant booking whose appointment ended that way."""
    account = an_account(core)
    wish = a_wish((a_member(core, account),))
    held = hold(core, account_id=account, slot_id=free_slots(core, days=0)[0].slot_id, wish=wish, origin=an_origin())
    confirm_hold(core, account_id=account, reference=held.reference)
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == held.reference)).one()
        if state is AppointmentState.SERVED:
            appointment.move_to(AppointmentState.CHECKED_IN)
        appointment.end(state, core.clock.now())


def reviewed(core, *, accept):
    """A request that an officer decided."""
    _, asked = a_request(core)
    decide_review(core, officer_id=an_officer(core), reference=asked.reference, accept=accept, note="Looked at")


@pytest.fixture
def a_past(country, clock):
    served(country, AppointmentState.SERVED)
    served(country, AppointmentState.NO_SHOW)
    clock.advance(DAY)
    put_rules_in_force(country, source=REVIEW_ALL)
    reviewed(country, accept=True)
    reviewed(country, accept=False)
    _, sold = a_request(country)
    confirm_reselling(country, officer_id=an_officer(country), reference=sold.reference, resold=True, note="For sale")
    return country


def test_a_backtest_uses_the_labels_known_now(a_past):
    found = try_rules(a_past, source=DRAFT)

    assert sorted(found.requests["known"]) == ["cleared", "confirmed_fraud", "no_show", "refused_by_officer", "served"]
    assert set(found.requests["draft"]) == {"challenge"}
    assert set(found.requests["active"]) == {"review"}
    assert found.by_group("residence").loc["home", "requests"] == 5
    assert found.by_group("age_band").index.tolist() == ["30-44"]
    assert found.false_positives().loc["draft", ["troubled", "honest"]].tolist() == [2, 2]


def test_a_period_includes_its_first_and_last_day(a_past):
    today = a_past.today()

    assert len(try_rules(a_past, source=DRAFT, first=today).requests) == 3
    assert len(try_rules(a_past, source=DRAFT, last=today - DAY).requests) == 2
    assert len(try_rules(a_past, source=DRAFT, first=today + DAY, last=today + DAY).requests) == 0


def test_a_backtest_shows_no_reference_and_changes_nothing(a_past):
    words = as_text(try_rules(a_past, source="", first=a_past.today()))

    with a_past.sessions() as session:
        references = list(session.scalars(select(Request.reference)))
    assert "3 requests judged, 0 left out" in words
    assert not any(reference in words for reference in references)


def test_a_faulty_draft_is_refused_with_a_suggestion(country):
    with pytest.raises(RuleError, match="did you mean party_size"):
        try_rules(country, source=DRAFT.replace("party_size", "party_sise"))
