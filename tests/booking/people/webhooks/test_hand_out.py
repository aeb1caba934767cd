"""Each event reaches those who want it and may hear it, once, and holds nothing about a person."""

import json
import re
from datetime import timedelta

import jsonschema
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from api.event_words import EVENTS, SUBJECTS
from api.health.events import EventsSent
from booking.country.core.register import open_national_number, read_phone
from booking.eservices.online.send import withdraw_case
from booking.people.webhooks.catalogue import KINDS, Audience, document, offered
from booking.people.webhooks.hand_out import hand_out, measure
from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.subscribe import pause
from booking.platform.embedded import roles
from booking.platform.models import (
    Account,
    Appointment,
    HouseholdMember,
    OnlineCase,
    Person,
    Request,
    WebhookDelivery,
    WebhookEvent,
)
from booking.platform.models.online.case import ONLINE_MOVES, OnlineState
from booking.platform.models.states import (
    APPOINTMENT_MOVES,
    DRAW_MOVES,
    REQUEST_MOVES,
    AppointmentState,
    DrawState,
    RequestState,
)
from tests.support.country import a_request
from tests.support.online_cases import CLEARANCE, a_caseworker, a_filled_draft, sent
from tests.support.open_draws import open_a_draw
from tests.support.receivers import happened_now, subscribed, subscribed_agency
from tests.support.roles import past_the_roles

EVERYTHING = set(KINDS)
SECRET = {"assigned", "challenged", "under_review", "submitted", "held", "draft"}
"""States of requests, or of cases, that are told to nobody."""


def deliveries(core):
    hand_out(core)
    with core.sessions() as session:
        rows = session.execute(
            select(WebhookDelivery.subscription_id, WebhookEvent.kind)
            .join(WebhookEvent, WebhookEvent.number == WebhookDelivery.event_number)
            .order_by(WebhookDelivery.event_number)
        )
        return [(row[0], row[1]) for row in rows]


def test_an_agency_hears_of_its_own_cases_and_of_no_others(country, receiver):
    own, _, _ = subscribed_agency(country, receiver.url, "online.awaiting_payment", "online.submitted")
    subscribed_agency(country, receiver.url, "online.awaiting_payment", "online.submitted", agency="civil-affairs")
    every, _ = subscribed(country, receiver.url, "online.awaiting_payment", "online.submitted")
    case = a_filled_draft(country, CLEARANCE)
    sent(country, case)

    with country.sessions() as session:
        agency = session.scalars(select(OnlineCase.agency_code)).one()
    heard = {one for one, _ in deliveries(country)}
    assert heard == ({own, every} if agency == "justice" else {every})
    with country.sessions.begin() as session:
        session.execute(update(OnlineCase).values(agency_code="justice", state=OnlineState.SUBMITTED))
    assert {one for one, _ in deliveries(country)} == {own, every}


def test_each_change_is_handed_out_once_however_many_a_statement_makes(country, receiver):
    subscription_id, _ = subscribed(country, receiver.url, "request.accepted", "request.lapsed")
    (_, first), (_, second) = a_request(country), a_request(country)
    assert [hand_out(country), hand_out(country)] == [2, 0]
    assert deliveries(country) == [(subscription_id, "request.accepted")] * 2

    with country.sessions.begin() as session:
        session.execute(update(Request).where(Request.reference == first.reference).values(state=RequestState.LAPSED))
        session.execute(update(Request).values(state=RequestState.LAPSED))  # moves one of the two
        session.execute(update(Request).values(reschedules=1))
    with country.sessions() as session:
        told = session.execute(select(WebhookEvent.kind, WebhookEvent.data).order_by(WebhookEvent.number)).all()
    assert [(kind, data["reference"]) for kind, data in told[2:]] == [
        ("request.lapsed", first.reference),
        ("request.lapsed", second.reference),
    ]


def test_a_draft_that_is_thrown_away_is_told_to_nobody(country, receiver):
    subscribed(country, receiver.url, *EVERYTHING)
    a_caseworker(country)
    case = a_filled_draft(country)
    withdraw_case(country, account_id=case.account, reference=case.reference)
    assert deliveries(country) == []


def test_what_the_gate_thinks_and_who_has_a_case_is_in_no_event():
    assert not {one.value for kind in KINDS.values() for one in kind.states if kind.subject.name == "request"} & SECRET
    assert "online.assigned" not in KINDS
    assert {one.subject.audience for one in offered(agency=True)} == {Audience.AGENCY, Audience.EVERYONE}


def test_every_event_names_a_state_that_can_be_reached_and_has_words():
    moves = {
        "request": (RequestState, REQUEST_MOVES),
        "appointment": (AppointmentState, APPOINTMENT_MOVES),
        "online": (OnlineState, ONLINE_MOVES),
        "draw": (DrawState, DRAW_MOVES),
    }
    for kind in KINDS.values():
        states, _ = moves[kind.subject.name]
        assert all(isinstance(one, states) for one in kind.states)
    assert EVENTS.keys() == KINDS.keys() | {"webhook.test"}
    assert {one.subject.name for one in KINDS.values()} == SUBJECTS.keys()


NEW_APPOINTMENT = text(
    "INSERT INTO appointment (id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by, created_at)"
    " SELECT gen_random_uuid(), 'A7K3M9Q2W4', request.id, office.id, 'offered', now(), now(), now(), now()"
    " FROM request, office WHERE office.code = 'damascus'"
)


def happen(core):
    """Everything that can happen to a request, an appointment and a case, as the database sees it; a draw begins."""
    a_caseworker(core)
    a_request(core)
    sent(core, a_filled_draft(core))
    open_a_draw(core, "2026-11-20")
    with core.sessions.begin() as session:
        session.execute(NEW_APPOINTMENT)
    for table, states in ((Request, RequestState), (OnlineCase, OnlineState), (Appointment, AppointmentState)):
        for state in states:
            with core.sessions.begin() as session:
                session.execute(update(table).values(state=state))
    with core.sessions.begin() as session:
        later = Appointment.starts_at + timedelta(hours=1)
        session.execute(update(Appointment).values(starts_at=later))  # it is over: no news to anybody
        session.execute(update(Appointment).values(state=AppointmentState.CONFIRMED))
        session.execute(update(Appointment).values(starts_at=later))


TABLES = ("webhook_delivery", "webhook_event", "webhook_replay", "webhook_secret", "webhook_subscription")


@pytest.mark.parametrize("wanted", [True, False])
def test_who_was_granted_nothing_here_can_still_change_a_request(country, receiver, wanted):
    """As code of the version before does while this one's migration has run and its grants are still to come."""
    if wanted:
        subscribed(country, receiver.url, "request.accepted", "request.lapsed")
    with past_the_roles(country) as mighty:
        mighty.execute(text(f"REVOKE ALL ON {', '.join(TABLES)} FROM {roles.APP}"))
    for table in TABLES:
        with pytest.raises(ProgrammingError, match="permission denied"), country.sessions() as session:
            session.execute(text(f"SELECT FROM {table}"))

    a_request(country)
    with country.sessions.begin() as session:
        session.execute(update(Request).values(state=RequestState.LAPSED))
    with past_the_roles(country) as mighty:
        noted = mighty.scalars(select(WebhookEvent.kind).order_by(WebhookEvent.number)).all()
    assert noted == (["request.accepted", "request.lapsed"] if wanted else [])


def test_every_event_that_is_sent_is_as_the_published_document_says(country, receiver):
    subscribed(country, receiver.url, *EVERYTHING)
    happen(country)
    send_waiting(country)
    published = document(title="Mawid", server="https://mawid.example", words=EVENTS)
    messages = {one["name"]: one for one in published["components"]["messages"].values()}

    assert EVERYTHING - set(receiver.kinds) <= {f"draw.{one}" for one in ("closed", "drawn", "published", "abandoned")}
    for got in receiver.got:
        message = messages[got.event["type"]]
        jsonschema.validate(got.event, message["payload"], format_checker=jsonschema.FormatChecker())
        assert set(published["components"]["messageTraits"]["signed"]["headers"]["required"]) <= got.headers.keys()
    assert receiver.kinds.count("appointment.moved") == 1


def test_no_event_holds_a_name_a_number_or_a_time_of_a_person(country, receiver):
    subscribed(country, receiver.url, *EVERYTHING)
    happen(country)
    send_waiting(country)
    with country.sessions() as session:
        secrets = [one.name for one in session.scalars(select(HouseholdMember))]
        secrets += [open_national_number(country.vault, one) for one in session.scalars(select(Person))]
        secrets += [read_phone(country.vault, one.phone_ciphertext) for one in session.scalars(select(Account))]
        secrets += [str(one) for table in (Account, Person, Request) for one in session.scalars(select(table.id))]
        secrets += [one.strftime("%Y-%m-%dT%H") for one in session.scalars(select(Appointment.starts_at))]
    everything = " ".join(json.dumps(one["data"], ensure_ascii=False) for one in receiver.events)

    assert len(receiver.got) > len(RequestState)
    assert [one for one in filter(None, secrets) if one in everything] == []
    allowed = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*|[A-Z0-9]{8,16}")  # codes and states, or a reference
    assert all(allowed.fullmatch(value) for one in receiver.events for value in one["data"].values())


def test_the_published_document_refers_to_nothing_that_is_not_there():
    published = document(title="Mawid", server="https://mawid.example", words=EVENTS)

    def look(at):
        if isinstance(at, dict):
            if "$ref" in at:
                found = published
                for part in at["$ref"].removeprefix("#/").split("/"):
                    found = found[part]
            for one in at.values():
                look(one)
        elif isinstance(at, list):
            for one in at:
                look(one)

    look(published)
    assert published["asyncapi"] == "3.0.0"
    assert [one["name"] for one in published["components"]["messages"].values()] == [*KINDS, "webhook.test"]
    for one in published["components"]["messages"].values():
        jsonschema.Draft7Validator.check_schema(one["payload"])


ACCEPTED = "request.accepted"


def test_events_are_counted_by_what_became_of_them(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    idle, _, supervisor = subscribed_agency(country, receiver.url, "draw.published")
    a_request(country)
    send_waiting(country)
    receiver.answers = lambda *_: 500
    a_request(country)
    happened_now(country)
    clock.advance(timedelta(minutes=20))
    send_waiting(country)
    found = measure(country)
    assert (found.receivers, found.waiting) == ({"well": 1, "failing": 1, "paused": 0}, 1)
    assert (found.answers, found.given_up) == ({"taken": 1, "refused": 1}, 0)
    assert found.overdue_seconds == 0, "of a receiver that fails it is known why"

    pause(country, by=supervisor, subscription_id=idle)
    assert measure(country).receivers == {"well": 0, "failing": 1, "paused": 1}


def test_an_event_that_no_worker_hands_out_is_overdue(country, clock, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    happened_now(country)
    clock.advance(timedelta(minutes=15))
    assert measure(country).overdue_seconds == 15 * 60
    send_waiting(country)
    assert measure(country).overdue_seconds == 0


def test_measures_name_no_receiver(country, receiver):
    subscribed(country, receiver.url, ACCEPTED)
    a_request(country)
    send_waiting(country)
    told = [(one.name, sample.labels) for one in EventsSent(country).collect() for sample in one.samples]
    assert {name for name, _ in told} == {
        "mawid_event_receivers",
        "mawid_events_waiting",
        "mawid_events_overdue_seconds",
        "mawid_event_answers",
        "mawid_events_given_up",
    }
    assert all(receiver.url not in str(labels) and "Register" not in str(labels) for _, labels in told)
