"""Pages on the versions of rules: who proposed what and why, what differs, and the steps of their life."""

import difflib
from typing import Any

from api.pages.workbench.reading import period_of, studies_of
from api.pages.workbench.rule_drafts import differences
from api.pages.workbench.study_tables import Say
from api.pages.workbench.version_pages import ACTIVATE, RETIRE, START_SHADOW, Pressed, Reading, VersionPages
from booking.antifraud.gate.drafts import RULE_DRAFTS
from booking.antifraud.gate.evidence import read_evidence
from booking.antifraud.gate.studies import ask_backtest, ask_shadow
from booking.antifraud.gate.versions import RULES, rules_source
from booking.country.versions.drafts import list_drafts
from booking.country.versions.steps import VersionLine, Versions
from booking.platform.models import RuleSetVersion
from fraud.facts import BY_NAME
from fraud.rules.changes import facts_of
from fraud.rules.rule_set import RuleError, RuleSet, parse_rules


def _try(pressed: Pressed) -> str | None:
    first, last = period_of(pressed.form)
    try:
        study_id = ask_backtest(pressed.core, by=pressed.by, version=pressed.version, first=first, last=last)
    except RuleError:  # written for other facts, as the version's page says
        return None
    return f"/analyst/studies/{study_id}"


def _look(pressed: Pressed) -> str:
    return f"/analyst/studies/{ask_shadow(pressed.core, by=pressed.by)}"


def _in_list(reading: Reading, _versions: Versions[RuleSetVersion]) -> dict[str, Any]:
    return {"drafts": list_drafts(reading.core, RULE_DRAFTS)}


def _in_version(reading: Reading, line: VersionLine[RuleSetVersion], against: int | None) -> dict[str, Any]:
    core, words, source, version = reading.core, reading.words, line.row.source, line.row.version
    rules = _read(source)
    return {
        "source": source,
        "rules": rules,
        "facts": [BY_NAME[name] for name in facts_of(rules.rules)] if rules else [],
        "differences": None if against is None else differences(rules_source(core, against), source, words),
        "studies": studies_of(core, version=version, draft=None),
        "evidence": read_evidence(core, version),
        "say": Say(words, {}),
    }


def _in_difference(reading: Reading, before: int, after: int) -> dict[str, Any]:
    """Return what differs in words and as texts."""
    old, new = rules_source(reading.core, before), rules_source(reading.core, after)
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
    return {"differences": differences(old, new, reading.words), "lines": lines}


def _read(source: str) -> RuleSet | None:
    """Read the rules; None where this version of Mawid knows other facts than the one that kept them."""
    try:
        return parse_rules(source)
    except RuleError:
        return None


router = VersionPages(
    kind=RULES,
    path="/analyst/rules",
    list_template="workbench/rules.html",
    version_template="workbench/rule_version.html",
    difference_template="workbench/rule_difference.html",
    in_list=_in_list,
    in_version=_in_version,
    in_difference=_in_difference,
    actions={"activate": ACTIVATE, "retire": RETIRE, "shadow": START_SHADOW, "try": _try, "look": _look},
    anyway="untested",
).router()
