"""What scenarios came to is counted as it was, and the page has what is said without a run."""

import json
from base64 import b64encode

import pytest

from tests.conformance.report import BEGIN, END, Suite, filled, operations, read, read_tests, tables
from tests.support.root import ROOT

WHY = "Nobody changes it from outside."


def scenario(*statuses, said=None):
    steps = [{"result": {"status": status, "error_message": "expected 200"}} for status in statuses]
    if said:
        steps[-1]["embeddings"] = [{"data": b64encode(said.encode()).decode()}]
    return {"name": "a booking", "steps": steps}


def test_a_scenario_passes_whole_is_skipped_with_a_reason_or_fails(tmp_path):
    scenarios = [
        scenario("passed", "passed"),
        scenario("passed", "skipped", said=WHY),
        scenario("skipped"),
        scenario("passed", "failed", "skipped"),
        scenario("undefined", "skipped"),
        scenario("ambiguous"),
    ]
    report = tmp_path / "suite.json"
    report.write_text(json.dumps([{"elements": scenarios}]))
    suite = read("a suite", report)
    assert (suite.scenarios, suite.counts) == (6, {"passed": 1, "skipped": 2, "failed": 3})
    assert suite.reasons == {WHY: 1, "without a reason": 1}
    assert suite.failures == ["a booking: expected 200"] * 3
    assert "| a suite | 6 | 1 | 2 | 3 |" in tables([suite])


def test_a_test_of_ours_counts_only_if_it_was_run_and_passed(tmp_path):
    report = tmp_path / "suite.xml"
    wrong = "".join(f'<testcase name="{kind}"><{kind} message="why"/></testcase>' for kind in ("failure", "skipped"))
    report.write_text(f'<testsuites><testsuite><testcase name="fine"/>{wrong}</testsuite></testsuites>')
    suite = read_tests("a suite", report)
    assert suite.counts == {"passed": 1, "failed": 2}
    assert suite.failures == ["failure: why", "skipped: why"]


def test_the_page_names_every_operation_as_it_is_answered():
    page = (ROOT / "docs/conformance.md").read_text(encoding="utf-8")
    rows = tables([Suite("none")]).partition("| operation |")[2]
    assert rows in page
    assert len(list(operations())) == 37 + 12


def test_only_the_place_between_the_marks_is_written():
    page = f"# Page\n\n{BEGIN}\n\nold\n\n{END}\n\nafter"
    assert filled(page, "new") == f"# Page\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter"
    with pytest.raises(ValueError, match="no place"):
        filled("# Page", "new")
