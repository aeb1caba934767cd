import json
import subprocess

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.entrypoints.commands import notebook as commands
from booking.entrypoints.notebooks.article import mark_of, read_parts
from tests.support.root import ROOT


@pytest.fixture
def opened(monkeypatch, tmp_path, country_url, redis_url):
    """An editor that is told what to open, on a database with a draw, in an empty folder."""
    told = []

    def start(command, *, env, check):
        told.append(command[4])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda package: package == "jupyterlab")
    monkeypatch.setattr(commands.subprocess, "run", start)
    monkeypatch.setattr("booking.entrypoints.notebooks.executing._has_a_draw", lambda settings: True)
    monkeypatch.setenv("MAWID_DATABASE_URL", country_url)
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)
    return told


def run(*arguments):
    return CliRunner().invoke(app, ["notebook", *arguments])


def test_an_arabic_notebook_is_opened_as_a_copy_beside_all_others(opened, tmp_path):
    result = run("02", "--language", "ar")

    folder = tmp_path / ".mawid/notebooks/ar"
    assert (result.exit_code, result.stderr) == (0, "")
    assert opened == [str(folder / "02_draw_fairness.ipynb")]
    assert {path.name for path in folder.iterdir()} == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    first = json.loads((folder / "02_draw_fairness.ipynb").read_text(encoding="utf-8"))["cells"][0]
    assert "# من يحصل على الأماكن" in "".join(first["source"])


def test_a_changed_copy_is_opened_as_it_is_and_named(opened, tmp_path):
    run("--language", "ar")
    mine = tmp_path / ".mawid/notebooks/ar/01_demand_and_quotas.ipynb"
    mine.write_text(mine.read_text(encoding="utf-8").replace("import pandas", "import numpy"), encoding="utf-8")
    before = mine.read_bytes()

    result = run("--language", "ar")

    assert opened == [str(mine.parent)] * 2
    assert mine.read_bytes() == before
    assert result.stderr == f"{mine} was changed here and stays as it is\n"


def test_without_a_language_the_notebooks_are_opened_where_they_are(opened, tmp_path):
    assert run("02").exit_code == 0
    assert opened == [str(ROOT / "notebooks/02_draw_fairness.ipynb")]
    assert not (tmp_path / ".mawid/notebooks").exists()


@pytest.mark.parametrize("arguments", [("--language", "../ar"), ("--language", "fr"), ("--missing",)])
def test_a_language_without_texts_is_refused_with_those_that_have_some(opened, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "choose one of ar" in result.stderr
    assert opened == []


def test_what_is_missing_is_printed_as_parts_to_fill_in(monkeypatch, tmp_path):
    cell = {"cell_type": "markdown", "id": "question", "metadata": {}, "source": ["# How many?\n", "\n", "So many."]}
    code = {"cell_type": "code", "id": "imports", "metadata": {}, "source": ["import sys"]}
    (tmp_path / "09_new.ipynb").write_text(json.dumps({"cells": [cell, code], "metadata": {}}), encoding="utf-8")
    file = tmp_path / "ar" / "09_new.md"
    file.parent.mkdir()
    file.write_text("<!-- question 00000000 -->\n# كم؟\n", encoding="utf-8")
    monkeypatch.setattr(commands, "FOLDER", tmp_path)

    result = run("--language", "ar", "--missing")

    english = "# How many?\n\nSo many."
    assert result.stdout == f"<!-- question {mark_of(english)} -->\n{english}\n\n"
    file.write_text(result.stdout, encoding="utf-8")
    assert read_parts(file)["question"].text == english
    assert run("--language", "ar", "--missing").stdout == ""
