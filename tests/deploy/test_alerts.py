"""Each alert has its entry in the runbook, and rules and dashboards name nothing that Mawid does not measure."""

import json
import os
import re
import subprocess
from dataclasses import replace

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from api.main import create_app
from booking.country.core.measures import ReplicaMeasures, add_own
from booking.country.core.replica import ReplicaCounts
from booking.operations.health.all_measures import gather
from booking.operations.worker.measures import JobsEnded
from booking.platform.base.measures import OWN, SHARED, told_on_machine
from tests.deploy.tools import need
from tests.support.root import ROOT

RULES = ROOT / "deploy/prometheus/alerts.yml"
PAGE = ROOT / "docs/alerts.md"
DASHBOARDS = sorted((ROOT / "deploy/grafana").glob("*.json"))
NAME = re.compile(r"\b(?:mawid|process)_[a-z_]+\b(?!\")")
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
"""What Prometheus puts behind the name of a family."""


def rules():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions():
    """Every expression, by where it stands."""
    found = {rule["alert"]: rule["expr"] for rule in rules()}
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel.get("targets", ()):
                found[f"{file.name}: {panel['title']} {target['refId']}"] = target["expr"]
    return found


@pytest.fixture
def measured(core, tmp_path):
    """The names of all that Prometheus is told, also where there is no sample just now."""
    app = create_app(core)
    TestClient(app).get("/livez")  # the first call makes the measures of calls
    app.state.metrics.register(ReplicaMeasures(replace(core, replica=_Standby())))
    worker = CollectorRegistry()
    worker.register(JobsEnded())
    add_own(worker, core)
    with (
        told_on_machine(tmp_path, "web", {OWN: app.state.metrics, SHARED: app.state.shared}),
        told_on_machine(tmp_path, "worker", {OWN: worker}),
    ):
        told = gather(tmp_path).decode()
    names = set()
    for family in text_string_to_metric_families(told):
        names |= {family.name, *(family.name + ending for ending in ENDINGS.get(family.type, ()))}
    return names


class _Standby:
    """A standby that is there."""

    def counts(self):
        return ReplicaCounts(answered=1, passed_on=0, age=0.1)


def test_every_measure_that_a_rule_or_a_dashboard_names_is_told(measured):
    wanted = {where: set(NAME.findall(expr)) for where, expr in expressions().items()}

    assert {where: names - measured for where, names in wanted.items() if names - measured} == {}
    assert all(wanted.values()), "each asks for something"


def test_each_alert_has_one_entry_with_what_it_means_and_what_to_do():
    page = PAGE.read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))

    assert [rule["alert"] for rule in rules()] == list(entries)
    for rule in rules():
        entry = entries[rule["alert"]]
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{rule['alert'].lower()}"
        assert entry.startswith(f"*{rule['labels']['severity']}, after {rule['for']}.*"), rule["alert"]
        assert "**Means:** " in entry, rule["alert"]
        assert "**Do:** " in entry, rule["alert"]


def test_each_alert_is_a_page_or_a_ticket_and_named_once():
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "ticket"}
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_dashboards_have_a_place_for_each_panel():
    assert len(DASHBOARDS) == 2
    for file in DASHBOARDS:
        board = json.loads(file.read_text(encoding="utf-8"))
        taken = set()
        for panel in board["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert at["x"] + at["w"] <= 24
            assert not cells & taken, (file.name, panel["title"])
            taken |= cells
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_promtool_reads_the_rules_and_they_speak_when_they_should():
    promtool = need("promtool")
    for words in (["check", "rules", RULES.name], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([promtool, *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_reads_every_expression_of_the_dashboards(tmp_path):
    promtool, file = need("promtool"), tmp_path / "rules.yml"
    asked = [{"record": f"asked:{number}", "expr": one} for number, one in enumerate(expressions().values())]
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": asked}]}))

    done = subprocess.run(
        [promtool, "check", "rules", "--lint=none", file], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
