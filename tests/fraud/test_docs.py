import re

import pytest

from fraud.facts import SCHEMA
from fraud.rules.rule_set import RuleError, parse_rules
from tests.support.root import ROOT

GUIDE = (ROOT / "docs" / "fraud.md").read_text(encoding="utf-8")


def test_the_guide_describes_every_fact_as_the_schema_does():
    rows = re.findall(r"^\| `(\w+)` \| [\w ]+ \| (.+?) \| (.+?) \|$", GUIDE, re.MULTILINE)

    assert rows == [(fact.name, fact.en, fact.ar) for fact in SCHEMA]


def test_the_rule_in_the_guide_works_and_its_mistake_gives_the_message_shown():
    (rule,) = re.findall(r"```toml\n(.+?)```", GUIDE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.+?)\n```", GUIDE, re.DOTALL)

    assert [rule.name for rule in parse_rules(rule).rules] == ["many-people-on-one-phone"]
    with pytest.raises(RuleError) as caught:
        parse_rules(rule.replace("people_on_phone_30d", "people_on_fone_30d"))
    assert str(caught.value) == shown


def test_the_notebook_example_runs(tmp_path, monkeypatch):
    (rule,) = re.findall(r"```toml\n(.+?)```", GUIDE, re.DOTALL)
    (example,) = re.findall(r"```python\n(.+?)```", GUIDE, re.DOTALL)
    (tmp_path / "my_rules.toml").write_text(rule, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    exec(compile(example, "docs/fraud.md", "exec"), {})  # noqa: S102 -- our own document
