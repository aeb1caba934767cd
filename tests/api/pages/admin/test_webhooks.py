"""Administrators and supervisors of agencies subscribe systems, hand over secrets, and see what became of events."""

import json
import re
from datetime import timedelta
from uuid import UUID

import pytest

from api.deps import LANGUAGE_COOKIE
from booking.opening import open_core
from booking.people.webhooks.again import replay
from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.views import list_receivers
from booking.platform.models.states import Role
from tests.support.country import a_colleague, a_request, cheap_settings
from tests.support.receivers import a_receiver, happened_now, subscribed_agency
from tests.support.roles import as_app

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def core(country_url, redis_url, clock):
    """A country that may send to this machine."""
    settings = cheap_settings(webhook_plain=True)
    with open_core(settings, database_url=as_app(country_url), redis_url=redis_url, clock=clock) as core:
        yield core


@pytest.fixture
def receiver():
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def an_administrator(core, sign_in):
    """A browser of one more administrator, in English."""

    def make():
        return in_english(sign_in(a_colleague(core, Role.ADMINISTRATOR)))

    return make


def in_english(browser):
    return browser.given(LANGUAGE_COOKIE, "en")


def proposed(browser, url):
    """Propose a system by the form; return its page."""
    browser.go("/admin/webhooks/new").send(
        name="Register of vehicles", url=url, kinds=["request.accepted"], reason="by its letter"
    )
    return browser.path


def test_a_system_is_proposed_agreed_given_a_secret_and_told(core, an_administrator, receiver):
    boss, chief = an_administrator(), an_administrator()
    there = proposed(boss, receiver.url)
    assert "You proposed this." in boss.text
    assert "Waits for a second administrator" in chief.go("/admin/webhooks").text
    chief.go(there).send(decision="agree")
    assert "Has no secret yet" in chief.text

    boss.go(there).send(decision="secret")
    secret = SECRET.search(boss.text).group()
    assert secret not in boss.go(there).text, "it is shown once"
    a_request(core)
    send_waiting(core)
    (got,) = receiver.got
    assert got.is_signed(secret)
    boss.go(f"{there}/events")
    assert "Taken" in boss.text
    assert got.event["data"]["reference"] in boss.text


def test_a_form_that_is_refused_says_why_and_keeps_what_was_typed(an_administrator):
    boss = an_administrator()
    boss.go("/admin/webhooks/new").send(name="Register", url="https://127.0.0.1.nip/#x", kinds=[], reason="letter")
    assert "Enter an address that begins with https://" in boss.text
    assert "https://127.0.0.1.nip/#x" in boss.text
    boss.send(url="https://169.254.169.254/latest", kinds=["draw.open"])
    assert "This address leads into our own network" in boss.text
    boss.send(url="https://registry.example/mawid", kinds=[])
    assert "Choose at least one event." in boss.text


def test_a_failing_system_is_shown_tried_again_paused_resumed_and_ended(core, an_administrator, receiver):
    boss, chief = an_administrator(), an_administrator()
    there = proposed(boss, receiver.url)
    chief.go(there).send(decision="agree")
    boss.go(there).send(decision="secret")
    receiver.answers = lambda *_: 503
    a_request(core)
    send_waiting(core)
    assert "Fails at present" in boss.go("/admin/webhooks").text
    assert "It was busy." in boss.go(f"{there}/events?show=waiting").text
    receiver.answers = lambda *_: 200
    boss.send()
    send_waiting(core)
    assert "Nothing yet." in boss.go(f"{there}/events?show=waiting").text
    assert "Is told of events" in boss.go(there).text

    boss.send(decision="pause")
    assert "Paused by a colleague" in boss.text
    boss.send(decision="resume")
    boss.send(decision="test")
    send_waiting(core)
    assert receiver.kinds[-1] == "webhook.test"
    boss.go(there).send(-1, decision="end", reason="")
    assert "Write the reason." in boss.text
    boss.send(-1, decision="end", reason="it was replaced")
    assert "Ended" in boss.text


def test_events_of_past_days_are_sent_again(core, an_administrator, receiver):
    boss, chief = an_administrator(), an_administrator()
    there = proposed(boss, receiver.url)
    chief.go(there).send(decision="agree")
    boss.go(there).send(decision="secret")
    a_request(core)
    happened_now(core)
    send_waiting(core)
    today = core.today()
    boss.go(f"{there}/replay").send(since_day=today.isoformat(), until_day=(today - timedelta(days=1)).isoformat())
    assert "The last day is before the first day." in boss.text
    boss.send(since_day=(today - timedelta(days=1)).isoformat(), until_day=today.isoformat())
    assert "under way" in boss.text
    with core.sessions() as session:
        (args,) = session.connection().exec_driver_sql(
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'replay_events'"
        )
    replay(core, UUID(args[0]["replay_id"]))
    send_waiting(core)
    assert receiver.got[0].id == receiver.got[1].id


def test_a_supervisor_of_an_agency_sees_the_agencys_own_systems_alone(core, an_administrator, sign_in, receiver):
    boss = an_administrator()
    of_all = proposed(boss, receiver.url)
    own, secret, supervisor = subscribed_agency(core, receiver.url, "online.issued")
    theirs = in_english(sign_in(supervisor))
    theirs.go("/admin/webhooks")
    assert "Records of the court" in theirs.text
    assert "Register of vehicles" not in theirs.text
    assert "request.accepted" not in theirs.go("/admin/webhooks/new").text
    for path in (of_all, f"{of_all}/events", f"{of_all}/replay"):
        assert theirs.go(path).status == 404
    theirs.go(f"/admin/webhooks/{own}")
    for decision in ("agree", "pause", "test", "again", "secret", "secret_at_once", "end"):
        fields = {**theirs.forms()[0].fields, "decision": decision, "reason": "not ours"}
        assert theirs.client.post(of_all, data=fields).status_code == 404, decision
    assert "Make the secret" not in boss.go(f"/admin/webhooks/{own}").text
    assert secret not in theirs.go(f"/admin/webhooks/{own}").text
    assert [one.id for one in list_receivers(core, by=supervisor)] == [own]


def test_a_supervisor_of_no_agency_is_let_in_nowhere(core, sign_in, receiver):
    own, _, _ = subscribed_agency(core, receiver.url, "online.issued")
    supervisor = in_english(sign_in(a_colleague(core, Role.CASE_SUPERVISOR, office="damascus")))
    for path in ("", "/new", f"/{own}", f"/{own}/events", f"/{own}/replay"):
        assert supervisor.go(f"/admin/webhooks{path}").status == 403, path


def test_the_catalogue_of_events_is_public_and_names_no_receiver(core, client, receiver):
    subscribed_agency(core, receiver.url, "online.issued")
    answer = client.get("/api/v1/webhooks/asyncapi.json")
    assert answer.json()["asyncapi"] == "3.0.0"
    assert receiver.url not in json.dumps(answer.json())
