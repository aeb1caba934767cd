"""Verdicts come out of history as they were made, though a phone or the facts themselves changed since."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.replay import counted_as_seen, replay
from booking.antifraud.gate.snapshots import Snapshot
from booking.country.core.policies import UNUSABLE
from booking.platform.models import Account, PhoneChange, Request, Verdict
from booking.scheduling.requests.ask import ask
from fraud.facts import LATER
from tests.booking.antifraud.gate.test_replay import seen_facts
from tests.fraud.histories import DAY, INSTANT, a_history, outcome, request
from tests.support.country import a_member, a_request, a_wish, an_account, an_origin


def test_what_was_done_with_a_phone_counts_after_it_was_changed(country, clock):
    """The phone was shared by two accounts; one of them changes it, and again before the day is over."""
    shop, another = an_account(country), an_account(country)
    members = [a_member(country, shop) for _ in range(3)]
    with country.sessions.begin() as session:
        session.get_one(Account, another).phone_hash = session.get_one(Account, shop).phone_hash
    ask(country, account_id=another, wish=a_wish((a_member(country, another),)), origin=an_origin())
    asked = []
    for number, member in enumerate(members):
        clock.advance(timedelta(minutes=10))
        asked.append(ask(country, account_id=shop, wish=a_wish((member,)), origin=an_origin()).reference)
        new = f"phone {number}".encode()
        with country.sessions.begin() as session:
            account, now = session.get_one(Account, shop), clock.now()
            keys = {"old_hash": account.phone_hash, "new_hash": new, "new_ciphertext": new}
            session.add(PhoneChange(account_id=shop, created_at=now, done_at=now, **keys))
            account.phone_hash = new

    counted = [
        [seen_facts(country, reference)[name] for name in ("requests_with_phone_24h", "people_on_phone_30d")]
        for reference in asked
    ]
    assert counted == [[1, 1], [2, 2], [3, 3]]
    assert replay(country, country.today()).differences == {}


def test_a_verdict_from_before_a_fact_is_repeated_without_it(country):
    _, old = a_request(country)
    with country.sessions.begin() as session:
        row = session.scalars(select(Verdict).join(Request).where(Request.reference == old.reference)).one()
        facts = {name: value for name, value in row.inputs["facts"].items() if name not in LATER}
        row.inputs = row.inputs | {"facts": facts}
        row.score, row.versions = None, row.versions | {"model": UNUSABLE}

    found = replay(country, country.today())

    assert (found.repeated, found.skipped, found.differences) == (1, 0, {})


@pytest.mark.parametrize(("snapshot", "counted"), [("20:21:20", 0), ("21:21:", 1)])
def test_another_accounts_end_of_a_persons_place_counts_once_it_was_seen(snapshot, counted):
    """It was written while the person was asked for elsewhere: by nothing but the person do the two meet."""
    found = a_history(
        request("lent", 9 * DAY, account="one", phone="p"),
        outcome("lent", INSTANT, "cancelled"),
        request("asked", 0 * DAY, account="another", phone="q"),
    )
    history = replace(
        found,
        requests=found.requests.assign(transaction=10),
        outcomes=found.outcomes.assign(transaction=20),
        corrections=found.corrections.assign(transaction=0).astype({"transaction": "int64"}),
    )
    asks = history.requests.iloc[[1]].assign(phones_before=[frozenset()])

    counts = counted_as_seen(history, asks, [Snapshot.read(snapshot)])

    assert counts["handed_back_for_person_90d"].tolist() == [counted]
