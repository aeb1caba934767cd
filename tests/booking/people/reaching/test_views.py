"""Whoever asks whether somebody was told sees whether and how, and nothing else; and it is on record."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from booking.cli import app
from booking.desk.sms_commands.incoming import take_message
from booking.people.accounts.opening import confirm_phone
from booking.people.reaching import retention
from booking.people.reaching.deliver import deliver_waiting
from booking.people.reaching.views import look_at_messages
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.base.message_states import Channel, Command, MessageState, TryOutcome
from booking.platform.base.references import new_reference
from booking.platform.models import AuditEntry, Delivery, IncomingMessage, Message, Request
from booking.platform.models.states import Role
from booking.scheduling.requests.ask import ask
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.people.reaching.conftest import phone_of, with_settings
from tests.support.country import (
    a_colleague,
    a_member,
    a_wish,
    an_account,
    an_analyst,
    an_origin,
    last_secret,
)


@pytest.fixture
def told(country, gateway):
    """A request whose acceptance reached the phone at the second try, and which the phone asked about."""
    with_settings(country, gateway_sms=SecretStr(gateway.url()))
    account = an_account(country, confirmed=False)
    confirm_phone(country, account_id=account, code=last_secret(country, account, "confirm_phone"))
    asked = ask(country, account_id=account, wish=a_wish((a_member(country, account),)), origin=an_origin())
    gateway.answers = [503] * 2  # of the code, and of the acceptance
    deliver_waiting(country)
    country.clock.advance(timedelta(minutes=1))
    deliver_waiting(country)
    phone = phone_of(country, account)
    take_message(country, provider_id="m", sender=phone, content=f"حالة {asked.reference}")
    return account, asked.reference


def test_an_officer_sees_attempts_and_commands_and_the_view_is_logged(country, told):
    _, reference = told
    officer = an_officer(country)

    log = look_at_messages(country, officer_id=officer, reference=reference.lower())

    accepted = log.lines[0]
    assert accepted.subject_en == "Your request is accepted"
    assert [(one.channel, one.outcome) for one in accepted.tries] == [
        (Channel.SMS, TryOutcome.UNAVAILABLE),
        (Channel.SMS, TryOutcome.SENT),
    ]
    assert [(one.command, one.outcome) for one in log.received] == [(Command.STATUS, "told")]
    with country.sessions() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.action, entry.subject, entry.account_id) == ("messages.looked_at", reference, officer)


def test_traces_are_deleted_after_the_time_in_the_settings(country, told, monkeypatch):
    _, reference = told
    monkeypatch.setattr(retention, "BATCH", 1)
    with country.sessions.begin() as session:
        waiting = session.scalars(select(Message).where(Message.kind == "request_accepted")).one()
        waiting.state, waiting.sent_at = MessageState.WAITING, None
    country.clock.advance(country.settings.reaching_kept - timedelta(minutes=1))
    assert retention.remove_old_traces(country) == 0
    country.clock.advance(timedelta(minutes=2))

    removed = retention.remove_old_traces(country)

    with country.sessions() as session:
        kept = session.scalars(select(Delivery.message_id)).all()
        assert set(kept) == {waiting.id}, "a notice that still waits keeps its tries"
        assert not session.scalars(select(IncomingMessage)).all()
    assert removed >= 2
    assert retention.remove_old_traces(country) == 0
    log = look_at_messages(country, officer_id=an_officer(country), reference=reference)
    assert log.lines, "what was said is still known"
    assert not log.received


def test_messages_are_hidden_from_unauthorised_people(country, told):
    account, reference = told
    for one in (account, an_analyst(country)):
        with pytest.raises(ForbiddenError):
            look_at_messages(country, officer_id=one, reference=reference)
    officer = a_colleague(country, Role.OFFICER, office="damascus")
    with country.sessions.begin() as session:
        session.scalars(select(Request).where(Request.reference == reference)).one().account_id = officer
    with pytest.raises(ForbiddenError):
        look_at_messages(country, officer_id=officer, reference=reference)


def test_misread_and_unknown_references_are_refused(country):
    officer = an_officer(country)
    with pytest.raises(InvalidInputError, match="reference_misread"):
        look_at_messages(country, officer_id=officer, reference="abc")
    with pytest.raises(NotFoundError):
        look_at_messages(country, officer_id=officer, reference=new_reference())


def test_an_administrator_tries_a_gateway_before_people_do(gateway, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_GATEWAY_SMS", gateway.url())

    def attempt(*words):
        return CliRunner().invoke(app, ["notices", "try", *words])

    assert attempt("sms", "+963944123456").stdout == "sent\n"
    assert "رسالة تجربة" in gateway.texts("+963944123456")[0]
    gateway.answers = [400]
    refused = attempt("sms", "+963944123456")
    assert (refused.exit_code, refused.stdout) == (1, "refused\n")
    monkeypatch.setenv("MAWID_ENVIRONMENT", "production")
    monkeypatch.setenv("MAWID_SECRET_KEY", "s" * 32)
    monkeypatch.setenv("MAWID_BASE_URL", "https://mawid.test")
    monkeypatch.setenv("MAWID_REGISTER_URL", "https://register.test")
    monkeypatch.setenv("MAWID_REGISTER_TOKEN", "t" * 32)
    monkeypatch.setenv("MAWID_BEACON", "drand")
    monkeypatch.setenv("MAWID_WITNESSES", "witnesses.txt")
    assert "MAWID_GATEWAY_EMAIL" in attempt("email", "a@b.test").stdout
