"""Studies: what a draft, a shadow or a model would have done, by the job that really makes them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.antifraud.gate import study_runs
from booking.antifraud.gate.errors import NothingInShadowError
from booking.antifraud.gate.studies import ask_backtest, ask_model, ask_shadow, read_study, stop_study
from booking.antifraud.gate.study_runs import run_study
from booking.antifraud.gate.versions import RULES, propose_rules
from booking.country.versions.steps import start_shadow
from booking.jobs import make_app
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, NotFoundError
from booking.platform.models import AuditEntry, GateStudy, Request
from booking.platform.models.policies.learning import StudyState
from fraud.rules.rule_set import RuleError
from tests.support.country import a_request, an_account, an_analyst

TEXT = """
[[rule]]
name = "alone"
when = "party_size == 1"
then = "challenge"
say = {ar = "وحدك", en = "Alone"}
"""


def result(core, study_id):
    run_study(core, study_id)
    row = read_study(core, study_id).row
    assert row.state is StudyState.DONE
    return row.result


@pytest.fixture
def analyst(country):
    return an_analyst(country)


@pytest.fixture
def version(country, analyst):
    return propose_rules(country, source=TEXT, by=analyst)


def test_a_job_runs_the_backtest_and_its_result_names_nobody(country, analyst, version):
    for _ in range(6):
        a_request(country)
    study_id = ask_backtest(country, by=analyst, version=version)
    assert read_study(country, study_id).row.state is StudyState.ASKED

    make_app(country).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    row = read_study(country, study_id).row
    assert (row.state, row.done, row.rows) == (StudyState.DONE, 6, 6)
    found = row.result
    assert found["changes"] == [[0, 6, 0], [0, 0, 0], [0, 0, 0]]
    assert [found["rules"][0][name] for name in ("rule", "fires", "others", "precision", "low", "high")] == [
        *("alone", 6, 6, None, 0, 1)
    ]
    assert found["groups"]["residence"][0]["draft challenge"] == 6
    with country.sessions() as session:
        references = set(session.scalars(select(Request.reference)))
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("study."))).all()
    assert actions == ["study.asked"] * 2  # when it was proposed, and now
    assert len({one["who"] for one in found["examples"]}) == 6
    assert not any(reference in str(found) for reference in references)


def test_a_study_without_history_reports_that_nothing_was_judged(country, analyst, version):
    assert result(country, ask_backtest(country, by=analyst, version=version))["judged"] == 0
    assert result(country, ask_model(country, by=analyst, version=1, days=30))["judged"] == 0


def test_a_stopped_study_keeps_no_result_and_a_finished_one_cannot_be_stopped(country, analyst, version, monkeypatch):
    a_request(country)
    early = ask_backtest(country, by=analyst, version=version)
    stop_study(country, by=analyst, study_id=early)
    run_study(country, early)
    assert read_study(country, early).row.state is StudyState.CANCELLED

    late = ask_backtest(country, by=analyst, version=version)
    read = study_runs.verdict_history

    def stopped_while_reading(session, core, period):
        for frame in read(session, core, period):
            stop_study(core, by=analyst, study_id=late)
            yield frame

    monkeypatch.setattr(study_runs, "verdict_history", stopped_while_reading)
    run_study(country, late)
    row = read_study(country, late).row
    assert (row.state, row.result) == (StudyState.CANCELLED, {})
    with pytest.raises(IllegalMoveError):
        stop_study(country, by=analyst, study_id=late)


def test_a_killed_study_restarts_and_a_failed_one_is_marked(country, analyst, version):
    study_id = ask_backtest(country, by=analyst, version=version)
    with country.sessions.begin() as session:
        session.execute(text("UPDATE gate_study SET state = 'running', done = 5"))
    assert result(country, study_id)["judged"] == 0

    broken = ask_backtest(country, by=analyst, version=version)
    with country.sessions.begin() as session:
        session.get_one(GateStudy, broken).wanted = {"source": "nonsense"}
    with pytest.raises(RuleError):
        run_study(country, broken)
    assert read_study(country, broken).row.state is StudyState.FAILED


def test_a_study_reads_only_the_latest_rows(country, analyst, version, clock, monkeypatch):
    a_request(country)
    clock.advance(timedelta(days=2))
    a_request(country)
    monkeypatch.setattr(study_runs, "MOST_ROWS", 1)

    found = result(country, ask_backtest(country, by=analyst, version=version))

    assert (found["judged"], found["first"]) == (1, clock.now().date().isoformat())


def test_a_shadow_study_uses_its_verdicts_on_live_requests(country, analyst, version):
    with pytest.raises(NothingInShadowError):
        ask_shadow(country, by=analyst)
    a_request(country)
    start_shadow(country, RULES, version=version, by=analyst)
    a_request(country)

    found = result(country, ask_shadow(country, by=analyst))

    assert found["changes"] == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert found["rules"][0]["fires"] == 1


def test_a_model_is_scored_again_on_the_facts_that_were_stored(country, analyst, clock):
    for _ in range(3):
        a_request(country)
    clock.advance(timedelta(hours=1))

    found = result(country, ask_model(country, by=analyst, version=1, days=30))

    assert found["judged"] == 3
    assert found["curve"][-1]["cases_per_day"] == 3.0
    assert found["drift"]["weeks"][-1]["rows"] == 3
    assert {level for fact in found["drift"]["facts"] for level in fact["level"]} == {"too few"}
    assert found["versus"] is None


def test_only_analysts_start_studies_of_existing_versions(country, analyst, version):
    citizen = an_account(country)
    for by, wanted, refused in ((citizen, version, ForbiddenError), (analyst, 99, NotFoundError)):
        with pytest.raises(refused):
            ask_backtest(country, by=by, version=wanted)
        with pytest.raises(refused):
            ask_model(country, by=by, version=wanted, days=7)
