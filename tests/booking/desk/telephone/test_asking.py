"""A request by phone is the request of the page: the same row, the same gate, whatever happens to the call."""

import threading

import pytest
from sqlalchemy import func, select

from booking.country.core.security import By
from booking.desk.telephone.memory import CallBusyError
from booking.desk.telephone.talk import take_all
from booking.people.accounts.household import list_members
from booking.platform.models import Request, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.ask import ask
from tests.booking.desk.telephone.callers import Caller, an_owner, phone_of
from tests.support.country import a_member, a_wish, an_origin, last_secret, put_rules_in_force
from tests.support.waiting import ended

QUICK = ("Ask for", "Passport renewal", "No special", "Everybody", "Damascus", "That is all", "Any day")


def begun(core, account, number, by=By.USSD):
    caller = Caller(core, phone_of(core, account), by)
    caller.prove(account, number, language="en")
    return caller


def requests_in(core):
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Request))


def test_a_family_asks_in_few_keys_and_is_told_what_it_sends(country):
    account, number = an_owner(country, "أمل الخيالية", "سامر الخيالي", language="en")
    caller = begun(country, account, number)
    said = caller.choose(*QUICK).text
    assert said.startswith("Passport renewal, أمل, سامر, Damascus,")
    assert requests_in(country) == 0
    assert caller.choose("Send the request").text.startswith("Your request is accepted")
    with country.sessions() as session:
        request = session.scalars(select(Request)).one()
        verdict = session.scalars(select(Verdict)).one()
    assert (request.state, request.party_size, request.account_id) == (RequestState.ACCEPTED, 2, account)
    assert (verdict.inputs["by"], verdict.inputs["facts"]["asks_by_telephone"]) == ("ussd", True)
    assert (request.device_hash, request.network_hash) == (b"", b"")
    assert len(caller.typed) < 45


def test_days_times_offices_and_stairs_are_chosen_by_keys(country):
    account, number = an_owner(country)
    caller = begun(country, account, number)
    caller.choose("Ask for", "Passport renewal", "The passport's pages", "Aleppo", "Homs", "That is all")
    caller.choose("Let me choose", "Monday")
    caller = begun(country, account, number)
    caller.choose("Go on with it")
    assert caller.screen.text.startswith("On which days?")
    caller.choose("Sunday", "That is all", "Morning", "That is all", "From a day")
    assert caller.press("3013").text.startswith("We did not understand"), "there is no thirteenth month"
    caller.press("0512")
    caller.choose("Send it, and no stairs")
    with country.sessions() as session:
        request = session.scalars(select(Request)).one()
        offices = [one.office_id for one in request.offices]
    assert (request.weekdays, request.bands, request.accessible) == (1 << 6, "morning", True)
    assert (request.first_day.isoformat(), request.reason_code, len(offices)) == ("2026-12-05", "pages-full", 2)


@pytest.mark.parametrize(
    ("change", "said"), [("unproven", "It was not shown yet"), ("live", "One of these people already")]
)
def test_people_who_cannot_ask_are_told_why_before_they_choose_an_office(country, change, said):
    account, number = an_owner(country)
    a_member(country, account, name="سامر الخيالي", proven=False)
    if change == "live":
        member = list_members(country, account_id=account)[0].id
        ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    caller = begun(country, account, number)
    caller.choose("Ask for", "Passport renewal", "No special")
    caller.choose(*(("سامر", "That is all") if change == "unproven" else ("أمل", "That is all")))
    assert caller.screen.text.startswith(said)
    assert caller.choose("Choose other people").text.startswith("Who comes?")


def test_a_check_of_the_gate_is_passed_in_the_same_call(country):
    put_rules_in_force(
        country,
        source='[[rule]]\nname = "by-phone"\nwhen = "asks_by_telephone"\nthen = "challenge"\n'
        'say.ar = "طلب بالهاتف."\nsay.en = "Asked by phone."\n',
    )
    account, number = an_owner(country)
    caller = begun(country, account, number)
    caller.choose(*QUICK[:3], *QUICK[4:])
    assert "Another code came" in caller.choose("Send the request").text
    assert caller.press("000000").text.startswith("The code is wrong")
    caller.press(last_secret(country, account, "challenge"))
    assert caller.screen.text.startswith("Your request is accepted")
    with country.sessions() as session:
        assert session.scalars(select(Request.state)).one() is RequestState.ACCEPTED


def test_a_call_that_breaks_off_goes_on_after_another_proof_alone(country):
    account, number = an_owner(country, "أمل الخيالية", "سامر الخيالي")
    begun(country, account, number).choose(*QUICK[:5])
    forged = Caller(country, phone_of(country, account))
    assert forged.press("2").text == "Type your national number.", "who calls with this number hears nothing of it"
    caller = begun(country, account, number, by=By.VOICE)
    assert caller.screen.text.startswith("You had begun a request.")
    assert caller.choose("Go on with it").text.startswith("Which office?")
    caller.choose("Damascus", "That is all", "Any day", "Send the request")
    with country.sessions() as session:
        assert session.scalars(select(Request.party_size)).one() == 2
    assert begun(country, account, number).screen.text.startswith("What would you like?"), "it is not begun any more"


def test_sending_twice_at_once_and_from_two_calls_makes_one_request(country):
    account, number = an_owner(country)
    first, second = begun(country, account, number), begun(country, account, number)
    for caller in (first, second):
        caller.choose(*QUICK[:3], *QUICK[4:])
    key, outcomes = first.find("Send the request"), []
    second.typed.append(second.find("Send the request"))

    def send(caller, typed):
        try:
            outcomes.append(take_all(country, caller.call, typed).text)
        except CallBusyError:
            outcomes.append("busy")

    jobs = [(first, [*first.typed, key])] * 3 + [(second, second.typed)] * 3
    threads = [threading.Thread(target=send, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)
    assert len(outcomes) == 6
    assert requests_in(country) == 1
