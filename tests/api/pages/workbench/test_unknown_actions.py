"""A button that a page of the workbench does not have is not found, and does nothing."""

import pytest
from sqlalchemy import select, text

from booking.antifraud.gate.drafts import begin_draft
from booking.antifraud.gate.studies import ask_backtest
from booking.platform.models.policies.policy import TrialKind
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.trials import ask_trial

TABLES = (
    *("audit_entry", "version_step", "rule_draft", "quota_draft"),
    *("quota_policy", "rule_set_version", "gate_study", "quota_trial"),
)


@pytest.fixture
def analyst(new_analyst):
    return new_analyst()


@pytest.fixture
def pages(core, analyst):
    """The addresses of all pages of the workbench that have buttons with actions."""
    _, analyst_id = analyst
    rules = begin_draft(core, by=analyst_id, title="Ours", based_on=1)
    quotas = drafts.begin(core, by=analyst_id, title="Ours")
    drafts.drop(core, by=analyst_id, draft_id=drafts.begin(core, by=analyst_id, title="Theirs"), revision=1)
    study = ask_backtest(core, by=analyst_id, version=1)
    trial = ask_trial(core, kind=TrialKind.WHAT_IF, by=analyst_id, draft_id=quotas, draws=[], forecast=True)
    return [
        *("rules/1", "models/1", "quotas/1"),
        *(f"rules/drafts/{rules}", f"quotas/drafts/{quotas}", f"quotas/drafts/{quotas}/rows/office.damascus"),
        *(f"studies/{study}", f"quotas/trials/{trial}"),
    ]


def kept(core):
    """All that the buttons of these pages could change."""
    with core.sessions() as session:
        return [session.scalars(select(text(f"to_jsonb({name}) FROM {name} ORDER BY 1"))).all() for name in TABLES]


def test_an_unknown_action_is_not_found_and_changes_nothing(core, analyst, pages):
    browser, _ = analyst
    browser.go(f"/analyst/{pages[0]}")
    csrf = browser.forms()[0].fields["csrf"][0]
    sound = {"csrf": csrf, "revision": "1", "reason": "To see", "title": "New", "source": "", "unit": "shares"}
    before = kept(core)

    answers = {}
    for page in pages:
        for wrong in ({"action": "explode"}, {}):
            answers[page, *wrong] = browser.post(f"/analyst/{page}", sound | {"draw": "100"} | wrong).status

    assert set(answers.values()) == {404}, answers
    assert kept(core) == before
