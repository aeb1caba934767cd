import json

import pytest
from typer.testing import CliRunner

from booking.entrypoints.commands.fraud import app
from tests.fraud.tables.tables import bookings


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "bookings.csv"
    bookings(800).to_csv(path, index=False, sep=";", encoding="utf-8-sig")
    return path


def test_the_report_is_for_people(file):
    done = run("--table", file, "--label", "missed", "--time", "day", "--train-before", "2024-08-01")
    assert done.exit_code == 0
    for said in (
        "ROC-AUC",
        "PR-AUC",
        "recall at 1 % FP",
        "recall at 5 % FP",
        "Brier score",
        "calibration",
        "booking_id",
    ):
        assert said in done.output
    assert "before 2024-08-01 by day" in done.output


def test_the_report_is_for_programs_too(file):
    done = run("--table", file, "--label", "missed", "--time", "booked", "--group", "person_id", "--json")
    report = json.loads(done.output)
    whole = report["held_out"][0]
    assert whole["rows"] == 160
    assert whole["roc_auc"]["interval"][0] <= whole["roc_auc"]["value"] <= whole["roc_auc"]["interval"][1]
    assert sum(part["rows"] for part in report["calibration"]) == 160


def test_bad_input_ends_with_2_and_one_sentence(file):
    done = run("--table", file, "--label", "missd", "--time", "day")
    assert done.exit_code == 2
    assert done.output.strip().splitlines() == ["--label: there is no column “missd”; did you mean “missed”?"]
