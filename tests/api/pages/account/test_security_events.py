"""Those who watch see each try at the door of staff, and in what they see nobody is named."""

import io
import json
import logging
import re
from datetime import timedelta

import jsonschema
import pyotp
import pytest
from sqlalchemy import text

from booking.country.core.audit import BrokenChainError
from booking.opening import open_core
from booking.people.staff.create import create_staff
from booking.people.staff.propose import propose
from booking.people.staff.views import verify_audit
from booking.platform.base import security_events
from booking.platform.base.settings import SecondFactor
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role
from booking.transparency.log.log import append_in, sequence
from booking.transparency.log.nodes import DamagedLogError
from tests.api.pages.browser import Browser
from tests.support.country import PASSWORD, a_colleague, cheap_settings, two_administrators_change
from tests.support.root import ROOT

NAME, PHONE, WRONG = "qwertina.planted", "+963944000077", "planted password"
SCHEMA = json.loads((ROOT / "docs/security-events.schema.json").read_text(encoding="utf-8"))
DOCUMENT = (ROOT / "docs/security-events.md").read_text(encoding="utf-8")


@pytest.fixture
def core(country_url, redis_url, clock):
    settings = cheap_settings(staff_second_factor=SecondFactor.REQUIRED)
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        yield core


@pytest.fixture
def own_log(monkeypatch):
    """Where events go is as it was once the test is over."""
    log = logging.getLogger(security_events.DATASET)
    for name, value in {"handlers": [], "propagate": True, "level": log.level}.items():
        monkeypatch.setattr(log, name, value)
    yield
    for handler in log.handlers:
        handler.close()


@pytest.fixture
def events(own_log):
    """Read what was written since the last look, each line as it fits the schema."""
    stream = io.StringIO()
    security_events.write_to(stream)

    def read():
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        stream.truncate(0)
        stream.seek(0)
        for line in lines:
            jsonschema.validate(line, SCHEMA)
        return lines

    return read


def told(events):
    return [
        (one["event.action"], one["event.outcome"], one.get("event.reason", ""))
        for one in events
        if not one["event.action"].startswith("staff.created")
    ]


def test_a_walk_through_the_door_gives_exactly_these_events(core, browser: Browser, events, caplog):
    """None of this was anywhere but in a web server's lines of status and time."""
    who = create_staff(
        core,
        username=NAME,
        password=PASSWORD,
        phone=PHONE,
        roles=[Role.OFFICER],
        office_code="damascus",
        language="en",
        by=None,
    )
    browser.go("/desk").send(username=NAME, password=WRONG)
    browser.send(username=NAME, password=PASSWORD)
    key = re.search(r"<strong><bdi dir=\"ltr\">([A-Z2-7 ]+)</bdi>", browser.text).group(1)
    secret = pyotp.TOTP(key.replace(" ", ""))
    browser.send(code=secret.at(core.clock.now()))
    core.clock.advance(timedelta(minutes=1))
    browser.go("/sign-out").send()
    browser.go("/sign-in?next=/desk").send(username=NAME.upper(), password=PASSWORD)
    browser.send(code="123456")
    browser.send(code=secret.at(core.clock.now()))
    browser.go("/admin")

    lines = events()
    assert told(lines) == [
        ("door.refused", "failure", "not_signed_in"),
        ("sign_in.password", "failure", "wrong_credentials"),
        ("sign_in.password", "success", ""),
        ("second_factor.set_up", "success", ""),
        ("sign_in.password", "success", ""),
        ("sign_in.second_step", "failure", "wrong_second_factor"),
        ("sign_in.second_step", "success", ""),
        ("door.refused", "failure", "forbidden"),
    ]
    assert {one.get("user.id") for one in lines} == {None, str(who)}
    assert len({one["mawid.network_hash"] for one in lines if "mawid.network_hash" in one}) == 1
    for planted in (NAME, "qwertina", PHONE[1:], WRONG, PASSWORD):
        assert planted.casefold() not in json.dumps(lines).casefold()
        assert planted.casefold() not in caplog.text.casefold()


def test_what_was_taken_back_is_no_event_and_what_was_committed_is(core, events):
    """A proposal is tried and taken back: nobody may be told that roles changed."""
    boss, clerk = a_colleague(core, Role.ADMINISTRATOR), a_colleague(core, Role.OFFICER)
    events()

    propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="lost", account_id=clerk)
    assert told(events()) == [("staff.proposed", "success", "")]

    two_administrators_change(core, clerk, StaffChangeKind.SECOND_FACTOR)
    lines = events()
    assert [one for one, _, _ in told(lines)] == ["staff.proposed", "second_factor.reset", "staff.confirmed"]
    assert lines[-1]["user.target.id"] == str(clerk)


def test_a_log_that_was_rewritten_is_an_event(core, events):
    a_colleague(core, Role.OFFICER)
    with core.sessions.begin() as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text("UPDATE audit_entry SET actor = 'nobody'"))
    events()

    with pytest.raises(BrokenChainError):
        verify_audit(core)

    assert told(events()) == [("audit.broken", "failure", "broken_chain")]

    sequence(core)
    with core.sessions.begin() as session:
        session.execute(text("ALTER TABLE log_entry DISABLE TRIGGER USER"))
        session.execute(text("DELETE FROM log_entry WHERE index = 0"))
        append_in(session, "receipt", {"receipt": "0" * 64}, "0")
    with pytest.raises(DamagedLogError):
        sequence(core)
    assert told(events()) == [("log.damaged", "failure", "damaged_log")]


def test_events_go_to_a_file_of_their_own(core, own_log, tmp_path):
    path = tmp_path / "security.log"
    security_events.write_to(path=path)
    a_colleague(core, Role.OFFICER)

    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["event.action"] == "staff.created"


def test_the_document_lists_every_event_and_no_other():
    listed = re.findall(r"^\| `([a-z_.]+)` \| (\w+) \|", DOCUMENT, re.MULTILINE)
    assert listed == [(action, kind.value) for action, kind in security_events.ACTIONS.items()]
    categories = SCHEMA["properties"]["event.category"]["items"]["enum"]
    assert set(categories) == {kind.value for kind in security_events.Category}
