"""Secrets are shown once and sealed; two hold while one replaces the other; nobody else makes one."""

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, text

from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.signing import OVERLAP, NoReceiverError, make_secret
from booking.people.webhooks.subscribe import subscribe
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.base.webhooks import WrongSignatureError, check
from booking.platform.models import AuditEntry, WebhookSecret
from booking.platform.models.states import Role
from tests.support.country import a_colleague, a_request
from tests.support.receivers import subscribed, subscribed_agency

ACCEPTED = "request.accepted"


def owner_of(core, subscription_id):
    with core.sessions() as session:
        return session.execute(text("SELECT proposed_by FROM webhook_subscription")).scalar_one()


def test_while_a_secret_is_replaced_both_sign_and_then_the_new_one_alone(country, clock, receiver):
    subscription_id, old = subscribed(country, receiver.url, ACCEPTED)
    new = make_secret(country, by=owner_of(country, subscription_id), subscription_id=subscription_id)
    a_request(country)
    send_waiting(country)
    clock.advance(OVERLAP)
    a_request(country)
    send_waiting(country)

    during, after = receiver.got
    assert [during.is_signed(new), during.is_signed(old), len(during.signatures)] == [True, True, 2]
    assert [after.is_signed(new), after.is_signed(old), len(after.signatures)] == [True, False, 1]


def test_a_lost_secret_is_replaced_at_once(country, receiver):
    subscription_id, old = subscribed(country, receiver.url, ACCEPTED)
    by = owner_of(country, subscription_id)
    new = make_secret(country, by=by, subscription_id=subscription_id, at_once=True)
    a_request(country)
    send_waiting(country)
    (got,) = receiver.got
    assert (got.is_signed(new), got.is_signed(old)) == (True, False)


def test_never_more_than_two_secrets_hold(country, receiver):
    subscription_id, _ = subscribed(country, receiver.url, ACCEPTED)
    by = owner_of(country, subscription_id)
    made = [make_secret(country, by=by, subscription_id=subscription_id) for _ in range(3)]
    a_request(country)
    send_waiting(country)
    (got,) = receiver.got
    assert [got.is_signed(one) for one in made] == [False, True, True]


def test_nothing_is_sent_before_there_is_a_secret(country, receiver):
    supervisor = a_colleague(country, Role.ADMINISTRATOR)
    form = {"name": "Register", "url": receiver.url, "reason": "its letter"}
    subscription_id = subscribe(country, by=supervisor, kinds=(ACCEPTED,), **form)
    with pytest.raises(NoReceiverError):
        make_secret(country, by=supervisor, subscription_id=subscription_id)
    a_request(country)
    assert (send_waiting(country), receiver.got) == (0, [])


def test_a_secret_is_neither_in_the_database_nor_in_the_log_as_it_is(country, receiver):
    _, secret = subscribed(country, receiver.url, ACCEPTED)
    with country.sessions() as session:
        sealed = session.scalars(select(WebhookSecret.ciphertext)).one()
        details = session.scalars(select(AuditEntry.details)).all()
    for part in (secret, secret.removeprefix("whsec_")):
        assert part.encode() not in sealed
        assert part not in str(details)


def test_a_secret_is_bound_to_its_row(country, receiver):
    """Whoever can write the database cannot have events signed with another receiver's secret."""
    subscribed(country, receiver.url, ACCEPTED)
    subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    with country.sessions.begin() as session:
        first, second = session.scalars(select(WebhookSecret).order_by(WebhookSecret.made_at, WebhookSecret.id))
        first.ciphertext, second.ciphertext = second.ciphertext, first.ciphertext
    with pytest.raises(InvalidTag):
        send_waiting(country)
    assert receiver.got == []


def test_an_administrator_cannot_speak_to_an_agencys_system_in_our_name(country, receiver):
    subscription_id, _, _ = subscribed_agency(country, receiver.url, "online.issued")
    with pytest.raises(ForbiddenError):
        make_secret(country, by=a_colleague(country, Role.ADMINISTRATOR), subscription_id=subscription_id)
    other = a_colleague(country, Role.CASE_SUPERVISOR, agency="civil-affairs")
    with pytest.raises(NotFoundError):
        make_secret(country, by=other, subscription_id=subscription_id)
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(WebhookSecret)) == 1


def test_an_event_that_was_changed_or_is_for_another_system_is_not_accepted(country, clock, receiver):
    _, secret = subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    send_waiting(country)
    (got,) = receiver.got
    check([secret], body=got.body, headers=got.headers, now=clock.now())
    others = {
        "another body": (secret, got.body.replace(b"accepted", b"refused"), got.headers),
        "another id": (secret, got.body, got.headers | {"webhook-id": "evt_0"}),
        "another secret": ("whsec_" + "A" * 43 + "=", got.body, got.headers),
    }
    for given, body, headers in others.values():
        with pytest.raises(WrongSignatureError):
            check([given], body=body, headers=headers, now=clock.now())
