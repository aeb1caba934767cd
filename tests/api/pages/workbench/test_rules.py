"""Analysts write, propose, activate and roll back rules on pages, without JavaScript."""

import ast
import inspect
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api.i18n import load_words
from api.pages.workbench.rule_words import FAULTS, change_sentence
from booking.antifraud.gate.drafts import RULE_DRAFTS, save_draft
from booking.antifraud.gate.studies import ask_backtest
from booking.antifraud.gate.study_runs import run_study
from booking.country.core.sessions import create
from booking.country.versions.drafts import read_draft
from booking.platform.base.settings import Settings
from booking.platform.models import AuditEntry, RuleSetVersion
from booking.platform.models.states import Door, Role
from fraud.rules.changes import Bound, Change
from fraud.rules.conditions import ConditionError
from fraud.rules.rule_set import RuleError, parse_rules
from tests.support.country import a_request

RULE = """[[rule]]
name = "big"
when = "party_size > 4"
then = "challenge"
say.ar = "كثيرون"
say.en = "Many"
"""


def begin(browser):
    """Begin an empty draft and give its id."""
    browser.go("/analyst/rules").send(0, based_on="")
    return browser.path.partition("#")[0].rpartition("/")[2]


def active(core):
    with core.sessions() as session:
        return session.scalars(select(RuleSetVersion.version).where(RuleSetVersion.active)).one()


def test_a_faulty_draft_is_saved_and_its_faults_are_marked(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)

    browser.send(0, source=RULE.replace("party_size", "party_sise"), action="save")

    assert "Line 3, column 9: “party_sise” is not a fact. Did you mean party_size?" in browser.text
    assert "<mark>&gt;   3  when = " in browser.text
    browser.send(0, action="propose", reason="Big parties")
    assert browser.status == 422
    assert "The rules have faults." in browser.text
    assert "party_sise &gt; 4" in browser.text
    assert "Big parties" in browser.text
    assert active(core) == 1
    assert (
        "Line 3"
        not in browser.post(
            f"/analyst/rules/drafts/{draft_id}",
            browser.forms()[0].fields | {"source": [RULE], "action": ["save"]},
        ).text
    )


def test_checks_while_typing_answer_in_the_users_language(new_analyst):
    browser, _ = new_analyst()
    begin(browser)
    csrf = browser.forms()[0].fields["csrf"][0]
    faulty = {"csrf": csrf, "source": RULE.replace("party_size", "party_sise")}

    (fault,) = browser.post("/analyst/rules/check", faulty).response.json()["faults"]
    assert (fault["line"], fault["column"]) == (3, 9)
    assert browser.post("/analyst/rules/check", {"csrf": csrf, "source": RULE}).response.json()["faults"] == []
    browser.go("/language/ar")
    (fault,) = browser.post("/analyst/rules/check", faulty).response.json()["faults"]
    assert fault["text"].startswith("السطر 3، العمود 9: لا توجد واقعة باسم")


def test_a_conflicting_save_of_rules_shows_both_and_loses_nothing(core, new_analyst):
    browser, _ = new_analyst()
    _, colleague = new_analyst()
    draft_id = begin(browser)
    save_draft(core, by=colleague, draft_id=draft_id, revision=1, title="Ours", source=RULE.replace("4", "5"))

    browser.send(0, source=RULE, action="save")

    assert browser.status == 409
    assert "party_size &gt; 4" in browser.text
    assert "party_size &gt; 5" in browser.text
    assert read_draft(core, RULE_DRAFTS, draft_id).row.source == RULE.replace("4", "5")
    browser.send(0, action="save")  # they have seen it now
    assert read_draft(core, RULE_DRAFTS, draft_id).row.source == RULE


def test_the_second_analyst_sees_waiting_rules_and_their_backtest(core, new_analyst):
    author, author_id = new_analyst()
    colleague, colleague_id = new_analyst()
    for _ in range(4):
        a_request(core)
    draft_id = begin(author)
    author.send(0, source=RULE, action="save")
    run_study(core, ask_backtest(core, by=author_id, draft_id=UUID(draft_id)))
    author.go(f"/analyst/rules/drafts/{draft_id}").send(0, action="propose", reason="Parties of five hide brokers")

    assert "Yours, waiting for a colleague" in author.go("/analyst").text
    assert "1 proposal waits for you" in colleague.go("/analyst").text
    assert f'href="{"/analyst/rules/2"}"' in colleague.text
    token = create(core, account_id=colleague_id, language="en", door=Door.HOME, roles=(Role.ANALYST,))[0]
    told = colleague.client.get("/api/v1/proposals", headers={"authorization": f"Bearer {token}"}).json()
    assert [(one["kind"], one["version"], one["own"]) for one in told] == [("rules", 2, False)]
    colleague.go("/analyst/rules/2")
    assert parse_rules(RULE).version in colleague.text
    assert "4 · From Sunday 1 November 2026" in colleague.text
    assert "<dt>only this version would trouble</dt><dd>0 of 4</dd>" in colleague.text
    assert 'name="untested"' not in colleague.text
    colleague.send(0, action="activate", reason="It looks right")
    assert active(core) == 2


def test_two_people_activate_rules_and_one_step_rolls_them_back(core, new_analyst):
    author, _ = new_analyst()
    colleague, _ = new_analyst()
    begin(author)
    author.send(0, source=RULE, action="propose", reason="Parties of five hide brokers")
    path = author.path
    assert "Parties of five hide brokers" in author.text
    assert "Rule big is new." in author.text
    assert "Rule form-faster-than-a-hand is gone." in author.text

    author.send(0, action="activate", reason="Now")
    assert author.status == 409
    assert "A second person must decide this" in author.text
    colleague.go(path).send(0, action="activate", reason="")
    assert colleague.status == 422
    colleague.send(0, action="shadow", reason="Look first")
    colleague.send(0, action="activate", reason="It looks right")
    assert (colleague.status, active(core)) == (409, 1)
    assert "Nobody tried these rules on history" in colleague.text
    colleague.send(0, action="activate", untested="yes")
    assert active(core) == 2
    assert "It looks right" in colleague.text
    colleague.go("/analyst/rules").send(1, reason="Families complained")
    assert active(core) == 1

    with core.sessions() as session:
        kept = session.execute(
            select(AuditEntry.action, AuditEntry.details["reason"].astext)
            .where(AuditEntry.action.startswith("rules."), AuditEntry.details.has_key("reason"))
            .order_by(AuditEntry.sequence)
        ).all()
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text("UPDATE version_step SET reason = ''"))
    assert [tuple(one) for one in kept] == [
        ("rules.proposed", "Parties of five hide brokers"),
        ("rules.shadow", "Look first"),
        ("rules.activated", "It looks right"),
        ("rules.rolled_back", "Families complained"),
    ]


def codes_raised():
    """The codes that conditions and rules are refused with, as their source says."""
    found = set()
    for name, place in (("ConditionError", 2), ("RuleError", 1)):
        for module in map(inspect.getmodule, (ConditionError, RuleError)):
            for node in ast.walk(ast.parse(inspect.getsource(module))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and len(node.args) > place:
                    code = node.args[place]
                    choices = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
                    found |= {one.value for one in choices if isinstance(one, ast.Constant)}
    return found


def test_every_fault_of_rules_has_an_explanation():
    assert len(codes_raised()) > 20
    assert codes_raised() <= set(FAULTS)


def test_a_moved_bound_is_explained_in_both_languages():
    words = load_words(Settings(_env_file=None))
    moved = Change("bound", "many", Bound("party_size", ">", 6), Bound("party_size", ">", 8))

    assert change_sentence(moved, words["en"]) == (
        "Rule many, People in the request: now more than 8 instead of more than 6."
    )
    assert "صار أكثر من 8 بدلًا من أكثر من 6" in change_sentence(moved, words["ar"])
