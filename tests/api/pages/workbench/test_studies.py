"""Analysts try rules and models on stored requests, and propose other lines, on pages."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.antifraud.gate.study_runs import run_study
from booking.antifraud.gate.versions import MODEL, RULES, model_of, propose_lines, propose_rules
from booking.country.versions.steps import activate, start_shadow
from booking.platform.models import GateStudy
from tests.support.country import a_request, an_analyst
from tests.support.roles import past_the_roles

TEXT = """
[[rule]]
name = "alone"
when = "party_size == 1"
then = "challenge"
say = {ar = "وحدك", en = "Alone"}
"""


@pytest.fixture
def analyst(new_analyst):
    return new_analyst()


def done(core, browser):
    """Let the job of the study that is shown run, and look again."""
    run_study(core, browser.path.rpartition("/")[2])
    return browser.go(browser.path)


def test_rules_are_tried_stopped_and_seen_in_shadow(core, analyst):
    browser, analyst_id = analyst
    version = propose_rules(core, source=TEXT, by=analyst_id)
    browser.go(f"/analyst/rules/{version}").send(1, action="try", first="2026-11-05", last="2026-11-01")
    assert browser.status == 422
    assert "The last day is before the first." in browser.text
    browser.send(1, action="try", last="")
    assert "It waits for its turn" in browser.text
    browser.send(0, action="stop")
    assert "It was stopped; nothing of it is kept." in browser.text
    browser.go(f"/analyst/rules/{version}").send(1, action="try")
    assert "There is no history to look at" in done(core, browser).text
    browser.go(f"/analyst/rules/{version}").send(1, action="look")
    assert "No rules are in shadow" in browser.text

    start_shadow(core, RULES, version=version, by=analyst_id)
    for _ in range(5):
        a_request(core)
    browser.go(f"/analyst/rules/{version}").send(1, action="look")
    assert "Whole verdicts" in done(core, browser).text
    browser.go(f"/analyst/rules/{version}").send(1, action="try")
    done(core, browser)
    assert "Rule by rule" in browser.text
    with core.sessions.begin() as session:  # of four of them something is known meanwhile
        study = session.get_one(GateStudy, browser.path.rpartition("/")[2])
        few = {"troubled": 2, "honest": 4, "share": 0.5, "low": 0.15, "high": 0.85}
        study.result = study.result | {"honest": {"draft": few, "active": few | {"troubled": 1}}}
    browser.go(browser.path)
    assert "<dd>2 of 4</dd>" in browser.text
    assert "50%" not in browser.text
    assert "Too few people are known to be honest" in browser.text
    assert "Nobody is known to be honest" not in browser.text
    rules = list(csv.DictReader(io.StringIO(browser.go(f"{browser.path}/rules.csv").text)))
    assert [(row["rule"], row["fires"]) for row in rules] == [("alone", "5")]
    assert browser.go(f"{browser.path.removesuffix('/rules.csv')}/people.csv").status == 404


def test_a_models_thresholds_are_viewed_and_proposed_again(core, analyst, clock):
    browser, _ = analyst
    for _ in range(5):
        a_request(core)
    clock.advance(timedelta(minutes=10))
    browser.go("/analyst/models/1").send(0, action="study", days="400")
    assert "Enter a number of days from 1 to 180." in browser.text
    browser.send(0, action="study", days="30")
    done(core, browser)
    assert "What a line would cost and find" in browser.text
    assert browser.text.count('role="img"') == 2, "of scores that nobody knows to be true nothing is drawn"
    curve = browser.go(f"{browser.path}/curve.csv").text
    assert curve.splitlines()[0] == "threshold,cases_per_day,honest_troubled,hoarders_found,precision"

    browser.go("/analyst/models/1").send(1, action="lines", challenge="0.9", review="0.2", reason="Fewer cases")
    assert "The line of a review cannot be below the line of a check." in browser.text
    browser.send(1, action="lines", challenge="0,25", review="٠٫٥")
    assert browser.path == "/analyst/models/2"
    old, new = model_of(core, 1), model_of(core, 2)
    assert (new.thresholds.challenge, new.thresholds.review) == (0.25, 0.5)
    assert (new.slope, new.about["lines_of"]) == (old.slope, 1)
    assert "Fewer cases" in browser.text
    browser.send(0, action="activate", reason="At once")
    assert browser.status == 409
    browser.send(0, action="shadow", reason="Look first")
    assert "in shadow" in browser.text
    assert "version 2" in browser.go("/analyst/models").text


def test_a_damaged_model_is_not_restored_and_the_page_says_why(core, analyst):
    browser, author = analyst
    version = propose_lines(core, version=1, challenge="0.5", review="0.9", by=author, reason="Fewer cases")
    start_shadow(core, MODEL, version=version, by=author)
    activate(core, MODEL, version=version, by=an_analyst(core))
    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE model_version DISABLE TRIGGER model_version_fixed"))
        session.execute(text("UPDATE model_version SET artifact = 'nothing' WHERE version = 1"))

    browser.go("/analyst/models").send(0, reason="Too many cases")

    assert browser.status == 409
    assert "This model cannot be used" in browser.text
    assert browser.go("/analyst/models/1").status == 200
