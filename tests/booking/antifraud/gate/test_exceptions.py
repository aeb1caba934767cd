"""Exceptions from rules: whom they help, when they end, and that they are on the record."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from booking.antifraud.gate.exceptions import Subject, approve, grant, revoke, valid_exceptions
from booking.antifraud.gate.replay import replay
from booking.country.core.security import Origin
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Request, RuleException, Verdict
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from fraud.rules.rule_set import ALL_RULES
from tests.support.country import a_member, a_wish, an_account, an_analyst, an_origin, put_rules_in_force

RULES = """
[[rule]]
name = "everyone"
when = "party_size > 0"
then = "review"
say = {ar = "نراجع الجميع", en = "Everyone is reviewed"}
"""
DAY = timedelta(days=1)


@pytest.fixture
def analyst(country):
    account_id = an_account(country)
    with country.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        account.roles = ["citizen", "analyst"]
        return account.username


@pytest.fixture
def reviewed(country):
    """Someone whom a rule sends to review, and how they ask again."""
    put_rules_in_force(country, source=RULES)
    account = an_account(country)
    member = a_member(country, account)
    origin = an_origin()

    def once(asking_from: Origin = origin):
        asked = ask(country, account_id=account, wish=a_wish((member,)), origin=asking_from)
        withdraw(country, account_id=account, reference=asked.reference)
        return asked

    return account, once


@pytest.fixture
def granted(country, clock, analyst):
    """Grant an exception for a day; give its id."""

    def make(asked, subject, rule, reason="A known charity"):
        until = clock.now() + DAY
        exception = grant(
            country, by=analyst, reference=asked.reference, subject=subject, rule=rule, reason=reason, until=until
        )
        if rule == ALL_RULES:
            with country.sessions() as session:
                colleague = session.get_one(Account, an_analyst(country)).username
            approve(country, by=colleague, exception_id=exception)
        return exception

    return make


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("rule", ["everyone", "*"])
def test_an_exception_keeps_a_rule_from_its_subject_until_it_ends(country, clock, granted, reviewed, subject, rule):
    account, once = reviewed
    if subject is Subject.HELPER:
        with country.sessions.begin() as session:
            session.execute(update(Account).where(Account.id == account).values(registered_helper=True))
    first = once()
    granted(first, subject, rule)

    helped = once()
    clock.advance(DAY)
    after = once()

    assert [asked.decision for asked in (first, helped, after)] == ["review", "accept", "review"]
    with country.sessions() as session:
        inputs = session.scalars(
            select(Verdict.inputs).join(Request).where(Request.reference == helped.reference)
        ).first()
    assert (inputs["exceptions"], inputs["excepted"]) == ([rule], ["everyone"])
    assert replay(country, country.today()).differences == replay(country, country.today() - DAY).differences == {}


def test_an_exception_covers_only_its_own_subject(granted, reviewed):
    _, once = reviewed
    asked = once()
    granted(asked, Subject.DEVICE, "everyone", reason="A shared tablet")

    assert once().decision == "accept"
    assert once(an_origin()).decision == "review"
    assert once(Origin("198.51.100.7", "")).decision == "review"


def test_a_helper_loses_the_exception_with_the_registration(country, granted, reviewed):
    account, once = reviewed
    asked = once()
    granted(asked, Subject.HELPER, "*", reason="A registered shop")

    assert once().decision == "review"
    with country.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == account).values(registered_helper=True))
    assert once().decision == "accept"


def test_granting_and_revoking_are_audited_and_listed_and_the_subject_is_a_hash(country, analyst, granted, reviewed):
    account, once = reviewed
    asked = once()
    made = granted(asked, Subject.ACCOUNT, "*", reason=" A known charity ")
    (listed,) = valid_exceptions(country)
    assert (listed.id, listed.reason, listed.granted_by) == (made, "A known charity", analyst)

    revoke(country, by=analyst, exception_id=made, reason="It sold places")

    assert valid_exceptions(country) == []
    assert once().decision == "review"
    with country.sessions() as session:
        row = session.get_one(RuleException, made)
        assert row.subject != account.bytes
        assert len(row.subject) == 32
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == str(made)).order_by(AuditEntry.sequence)
        ).all()
    assert [(entry.action, entry.details.get("reason")) for entry in entries] == [
        ("exception.granted", "A known charity"),
        ("exception.approved", None),
        ("exception.revoked", "It sold places"),
    ]
    with pytest.raises(NotFoundError):
        revoke(country, by=analyst, exception_id=made, reason="Twice")


def test_a_forbidden_exception_is_refused_and_nothing_changes(country, clock, analyst, reviewed):
    _, once = reviewed
    asked = once()
    sound = {
        "by": analyst,
        "reference": asked.reference,
        "subject": Subject.PERSON,
        "rule": "everyone",
        "reason": "A reason",
        "until": clock.now() + DAY,
    }
    for changes, error in (
        ({"by": "nobody"}, ForbiddenError),
        ({"reference": "UNKNOWN"}, NotFoundError),
        ({"person": 2}, NotFoundError),
        ({"reason": " "}, InvalidInputError),
        ({"reason": "x" * 301}, InvalidInputError),
        ({"until": clock.now()}, InvalidInputError),
        ({"until": clock.now() + 400 * DAY}, InvalidInputError),
        ({"rule": "no-such-rule"}, InvalidInputError),
    ):
        with pytest.raises(error):
            grant(country, **(sound | changes))
    with pytest.raises(NotFoundError):
        revoke(country, by=analyst, exception_id=uuid4(), reason="None")
    assert valid_exceptions(country) == []
