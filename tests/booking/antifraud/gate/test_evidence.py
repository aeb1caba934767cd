"""A version of rules keeps the backtest of its own text, and is activated without one only by who says so."""

import pytest
from sqlalchemy import select, text

from booking.antifraud.gate.drafts import begin_draft, propose_draft, save_draft
from booking.antifraud.gate.errors import UntestedRulesError
from booking.antifraud.gate.evidence import read_evidence
from booking.antifraud.gate.studies import ask_backtest
from booking.antifraud.gate.study_runs import run_study
from booking.antifraud.gate.versions import RULES, propose_rules
from booking.country.versions.steps import activate
from booking.platform.models import AuditEntry, GateStudy, RuleSetVersion
from booking.scheduling.quotas.trials import waiting_proposals
from fraud.rules.rule_set import parse_rules
from tests.booking.antifraud.gate.test_studies import TEXT
from tests.support.country import a_request, put_rules_in_force


@pytest.fixture
def draft(country, analysts):
    """A sound draft; give its id."""
    draft_id = begin_draft(country, by=analysts[0], title="Alone")
    save_draft(country, by=analysts[0], draft_id=draft_id, revision=1, title="Alone", source=TEXT)
    return draft_id


def proposed(core, draft_id, by, source=TEXT):
    return propose_draft(core, by=by, draft_id=draft_id, revision=2, title="Alone", source=source, reason="They hide")


def studies(core):
    with core.sessions() as session:
        return session.scalars(select(GateStudy.id)).all()


def test_a_proposed_draft_keeps_its_backtest_for_the_second_analyst(country, analysts, draft):
    a_request(country)
    run_study(country, ask_backtest(country, by=analysts[0], draft_id=draft))
    version = proposed(country, draft, analysts[0])
    evidence = read_evidence(country, version)
    assert [evidence.backtest.id] == studies(country), "the same text needs no second one"
    assert evidence.backtest.result["judged"] == 1
    assert not evidence.outdated

    activate(country, RULES, version=version, by=analysts[1], reason="It looks right")
    with country.sessions() as session:
        details = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "rules.activated")).all()
    assert details[-1]["backtest"] == str(evidence.backtest.id)


def test_a_backtest_of_another_text_or_of_no_requests_does_not_count(country, analysts, draft):
    run_study(country, ask_backtest(country, by=analysts[0], draft_id=draft))  # nobody has asked yet
    a_request(country)
    run_study(country, ask_backtest(country, by=analysts[0], draft_id=draft))
    before = set(studies(country))
    version = proposed(country, draft, analysts[0], source=TEXT.replace("alone", "single"))
    evidence = read_evidence(country, version)
    assert evidence.backtest is None
    assert {evidence.under_way.id} == set(studies(country)) - before, "a job was asked for one"

    with pytest.raises(UntestedRulesError):
        activate(country, RULES, version=version, by=analysts[1])
    with country.sessions() as session:
        assert session.scalars(select(RuleSetVersion.version).where(RuleSetVersion.active)).one() == 1
    run_study(country, evidence.under_way.id)
    activate(country, RULES, version=version, by=analysts[1])


def test_activating_without_a_backtest_is_logged(country, analysts):
    version = propose_rules(country, source=TEXT, by=analysts[0])
    activate(country, RULES, version=version, by=analysts[1], anyway=True)
    with country.sessions() as session:
        details = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "rules.activated")).all()
    assert details[-1]["backtest"] is None


def test_a_backtest_against_replaced_rules_does_not_count(country, analysts, draft):
    a_request(country)
    run_study(country, ask_backtest(country, by=analysts[0], draft_id=draft))
    version = proposed(country, draft, analysts[0])
    put_rules_in_force(country, source=TEXT.replace("challenge", "review"))
    assert read_evidence(country, version).outdated
    with pytest.raises(UntestedRulesError):
        activate(country, RULES, version=version, by=analysts[1])

    again = ask_backtest(country, by=analysts[1], version=version)
    assert read_evidence(country, version).under_way.id == again
    run_study(country, again)
    assert not read_evidence(country, version).outdated
    activate(country, RULES, version=version, by=analysts[1])


def test_a_backtest_of_rules_with_a_similar_hash_does_not_count(country, analysts):
    a_request(country)
    other = propose_rules(country, source=TEXT.replace("alone", "single"), by=analysts[0])
    run_study(country, read_evidence(country, other).under_way.id)
    with country.sessions.begin() as session:
        row = session.scalars(select(GateStudy)).one()
        row.wanted = row.wanted | {"rules": parse_rules(TEXT).version}  # as two texts that were looked for

    version = propose_rules(country, source=TEXT, by=analysts[0])

    assert read_evidence(country, version).backtest is None
    with pytest.raises(UntestedRulesError):
        activate(country, RULES, version=version, by=analysts[1])


def test_repeated_proposals_queue_one_low_priority_backtest(country, analysts):
    for _ in range(3):
        propose_rules(country, source=TEXT, by=analysts[0])
    propose_rules(country, source=TEXT.replace("alone", "single"), by=analysts[0])
    with country.sessions() as session:
        jobs = session.execute(
            text("SELECT lock, priority FROM procrastinate_jobs WHERE task_name = 'study' ORDER BY id")
        ).all()
    assert jobs == [("study", -1)] * 2, "one at a time, behind all others"


def test_each_analyst_sees_which_proposals_wait_for_them(country, analysts, draft):
    assert waiting_proposals(country, account_id=analysts[1]) == []
    version = proposed(country, draft, analysts[0])
    (for_author,), (for_colleague,) = (waiting_proposals(country, account_id=one) for one in analysts)
    assert (for_author.own, for_colleague.own) == (True, False)
    assert (for_colleague.kind, for_colleague.version) == ("rules", version)
    activate(country, RULES, version=version, by=analysts[1], anyway=True)
    assert waiting_proposals(country, account_id=analysts[1]) == []
