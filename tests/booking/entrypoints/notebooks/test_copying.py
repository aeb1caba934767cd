import json

import pytest

from booking.entrypoints.notebooks.article import in_language
from booking.entrypoints.notebooks.copying import Put, put
from booking.platform.languages.language import read_language

ARABIC = read_language("ar")


def made(code):
    """Return a copy of a notebook with one cell of code."""
    cell = {"cell_type": "code", "execution_count": None, "id": "sum", "metadata": {}, "outputs": [], "source": [code]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return in_language(notebook, {}, ARABIC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ar" / "01_sum.ipynb"


def edit(path, change):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path.read_bytes()


def test_a_copy_is_written_where_none_is_and_left_alone_while_nothing_is_new(path):
    assert put(made("1 + 1"), path) == Put.WRITTEN
    assert json.loads(path.read_text(encoding="utf-8")) == made("1 + 1")
    assert [file.name for file in path.parent.iterdir()] == ["01_sum.ipynb"], "nothing half written stays"
    assert put(made("1 + 1"), path) == Put.SAME


def test_a_copy_that_was_only_run_keeps_its_outputs_until_there_is_a_newer_one(path):
    put(made("1 + 1"), path)
    ran = edit(path, lambda notebook: notebook["cells"][1].update(execution_count=3, outputs=[{"text": "2"}]))
    assert put(made("1 + 1"), path) == Put.SAME
    assert path.read_bytes() == ran

    assert put(made("2 + 2"), path) == Put.WRITTEN
    assert json.loads(path.read_text(encoding="utf-8")) == made("2 + 2")


@pytest.mark.parametrize(
    "change",
    [
        lambda notebook: notebook["cells"][1].update(source=["1 + 2"]),
        lambda notebook: notebook["cells"].append({"cell_type": "markdown", "source": "mine"}),
        lambda notebook: notebook["cells"].pop(),
        lambda notebook: notebook["cells"][1].update(cell_type="raw"),
        lambda notebook: notebook["metadata"].pop("mawid"),
        lambda notebook: notebook.update(metadata=[]),
        lambda notebook: notebook.pop("cells"),
    ],
)
def test_a_copy_that_somebody_changed_is_never_written_over(path, change):
    put(made("1 + 1"), path)
    theirs = edit(path, change)

    assert put(made("1 + 1"), path) in {Put.CHANGED, Put.CHANGED_AND_OLD}
    assert put(made("2 + 2"), path) == Put.CHANGED_AND_OLD
    assert path.read_bytes() == theirs


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_a_file_of_another_kind_is_never_written_over(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    assert put(made("1 + 1"), path) == Put.CHANGED_AND_OLD
    assert path.read_bytes() == content


def test_lines_stored_as_one_text_are_no_change(path):
    put(made("1 + 1\n2 + 2"), path)
    edit(path, lambda notebook: notebook["cells"][1].update(source="1 + 1\n2 + 2"))
    assert put(made("1 + 1\n2 + 2"), path) == Put.SAME
