"""Who may subscribe which system to what; what is agreed never changes."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from booking.country.core.audit import verify
from booking.country.core.four_eyes import ChangeOverError, SecondAdministratorNeededError
from booking.people.webhooks import subscribe as use
from booking.people.webhooks.signing import NoReceiverError, TooManySubscriptionsError
from booking.people.webhooks.subscribe import agree, end, pause, refuse, resume, subscribe
from booking.people.webhooks.views import find_receiver, list_receivers
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import AuditEntry, WebhookSubscription
from booking.platform.models.states import Role
from booking.platform.models.webhook import SubscriptionState
from tests.support.country import a_colleague

URL = "http://127.0.0.1:9/events"


def proposed(core, by, *kinds, **changes):
    form = {"name": "Register", "url": URL, "reason": "by its letter", "kinds": kinds or ("request.accepted",)}
    return subscribe(core, by=by, **form | changes)


@pytest.fixture
def administrators(country):
    return a_colleague(country, Role.ADMINISTRATOR), a_colleague(country, Role.ADMINISTRATOR)


@pytest.fixture
def supervisor(country):
    return a_colleague(country, Role.CASE_SUPERVISOR, agency="justice")


def state_of(core, subscription_id):
    with core.sessions() as session:
        return session.get_one(WebhookSubscription, subscription_id).state


def test_two_administrators_let_a_system_hear_of_all_cases(country, administrators):
    first, second = administrators
    subscription_id = proposed(country, first)
    assert state_of(country, subscription_id) is SubscriptionState.PROPOSED
    with pytest.raises(SecondAdministratorNeededError):
        agree(country, by=first, subscription_id=subscription_id)
    agree(country, by=second, subscription_id=subscription_id)
    assert state_of(country, subscription_id) is SubscriptionState.ACTIVE
    with pytest.raises(ChangeOverError):
        refuse(country, by=first, subscription_id=subscription_id)


def test_every_step_is_on_record_in_the_audit_log(country, administrators):
    first, second = administrators
    subscription_id = proposed(country, first)
    agree(country, by=second, subscription_id=subscription_id)
    pause(country, by=first, subscription_id=subscription_id)
    resume(country, by=second, subscription_id=subscription_id)
    end(country, by=first, subscription_id=subscription_id, reason="no longer needed")
    refused = proposed(country, first)
    refuse(country, by=first, subscription_id=refused)

    with country.sessions() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("webhook.%")).order_by(AuditEntry.sequence)
        ).all()
        assert verify(session) > len(entries)
    assert [one.action for one in entries] == [
        f"webhook.{one}" for one in ("proposed", "agreed", "paused", "resumed", "ended", "proposed", "refused")
    ]
    assert {one.subject for one in entries} == {str(subscription_id), str(refused)}
    assert entries[0].details["url"] == URL


def test_an_agency_subscribes_to_its_own_cases_and_draws_alone(country, supervisor):
    subscription_id = proposed(country, supervisor, "online.issued", "draw.published")
    assert state_of(country, subscription_id) is SubscriptionState.ACTIVE
    for kind in ("request.accepted", "appointment.no_show", "online.assigned", "webhook.test", "*"):
        with pytest.raises(InvalidInputError, match="kinds"):
            proposed(country, supervisor, "online.issued", kind)


@pytest.mark.neighbours
@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.ANALYST, Role.CASEWORKER, Role.HELPER])
def test_nobody_else_subscribes_a_system(country, role):
    office = "damascus" if role in {Role.OFFICER, Role.SUPERVISOR} else None
    agency = "justice" if role is Role.CASEWORKER else None
    by = a_colleague(country, role, office=office, agency=agency)
    with pytest.raises(ForbiddenError):
        proposed(country, by, "draw.published")
    with pytest.raises(ForbiddenError):
        list_receivers(country, by=by)


def test_an_agency_sees_and_touches_nothing_of_others(country, supervisor, administrators):
    other = a_colleague(country, Role.CASE_SUPERVISOR, agency="civil-affairs")
    of_all, of_other = proposed(country, administrators[0]), proposed(country, other, "online.issued")
    own = proposed(country, supervisor, "online.issued")
    assert [one.id for one in list_receivers(country, by=supervisor)] == [own]
    for stranger in (of_all, of_other):
        for work in (pause, resume, agree, refuse):
            with pytest.raises((NotFoundError, ForbiddenError)):
                work(country, by=supervisor, subscription_id=stranger)
        with pytest.raises(NotFoundError):
            find_receiver(country, by=supervisor, subscription_id=stranger)
    pause(country, by=administrators[1], subscription_id=own)
    assert state_of(country, own) is SubscriptionState.PAUSED


def test_all_that_is_wrong_with_a_form_is_told_at_once(country, supervisor):
    with pytest.raises(InvalidInputError) as refused:
        proposed(country, supervisor, name=" ", url="http:/nowhere", reason="")
    assert [(one.field, one.reason) for one in refused.value.errors] == [
        ("name", "missing"),
        ("url", "not_https"),
        ("reason", "missing"),
    ]


def test_a_name_that_leads_inside_is_refused_and_an_unknown_one_is_not(country, supervisor):
    with pytest.raises(InvalidInputError, match="url"):
        proposed(country, supervisor, "draw.open", url="https://169.254.169.254/latest")
    assert proposed(country, supervisor, "draw.open", url="https://nobody.invalid/events")


def test_an_agency_has_only_so_many_subscriptions(country, supervisor, monkeypatch):
    monkeypatch.setattr(use, "MOST", 2)
    first, _ = proposed(country, supervisor, "draw.open"), proposed(country, supervisor, "draw.open")
    with pytest.raises(TooManySubscriptionsError):
        proposed(country, supervisor, "draw.open")
    end(country, by=supervisor, subscription_id=first, reason="replaced")
    assert proposed(country, supervisor, "draw.open")
    with pytest.raises(NoReceiverError):
        resume(country, by=supervisor, subscription_id=first)


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://other.example/"},
        {"kinds": ["request.drawn"]},
        {"agency_code": "justice"},
        {"proposed_by": WebhookSubscription.decided_by},
        {"decided_by": WebhookSubscription.proposed_by},
        {"state": SubscriptionState.PROPOSED},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_keeps_what_two_people_agreed_on(country, administrators, change):
    subscription_id = proposed(country, administrators[0])
    agree(country, by=administrators[1], subscription_id=subscription_id)
    with pytest.raises(DBAPIError), country.sessions.begin() as session:
        session.execute(update(WebhookSubscription).values(**change))


def test_the_database_lets_nobody_agree_alone_or_begin_agreed(country, administrators):
    first, _ = administrators
    proposed(country, first)
    alone = update(WebhookSubscription).values(state="active", decided_by=first, decided_at=country.clock.now())
    with pytest.raises(DBAPIError, match="another administrator"), country.sessions.begin() as session:
        session.execute(alone)
    with pytest.raises(DBAPIError, match="begins as a proposal"), country.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO webhook_subscription (id, name, url, kinds, reason, state, proposed_by, proposed_at)"
                " SELECT gen_random_uuid(), name, url, kinds, reason, 'active', proposed_by, proposed_at"
                " FROM webhook_subscription"
            )
        )


def test_an_agencys_row_with_kinds_of_others_cannot_be_written(country, supervisor):
    proposed(country, supervisor, "draw.open")
    with pytest.raises(DBAPIError, match="agency_kinds"), country.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO webhook_subscription"
                " (id, name, url, kinds, agency_code, reason, state, proposed_by, proposed_at)"
                " SELECT gen_random_uuid(), name, url, ARRAY['draw.open', 'request.drawn'], agency_code, reason,"
                " 'active', proposed_by, proposed_at FROM webhook_subscription"
            )
        )
