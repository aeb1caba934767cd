import subprocess

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from booking.cli import app
from booking.entrypoints.commands import notebook as commands
from booking.entrypoints.notebooks import NoDataError, executing, open_data, what_is_there
from booking.entrypoints.notebooks.executing import prepared
from tests.support.country import cheap_settings


@pytest.fixture
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.setattr(executing, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    open_data.cache_clear()
    return tmp_path


def test_the_overview_of_a_kernels_data_counts_rows_and_names_nobody(country):
    table = what_is_there(country)

    assert list(table.columns) == ["number", "first", "last"]
    assert table.loc["requests", "number"] == 0


def test_a_kernel_without_a_demonstration_explains_how_to_get_one(nothing_set):
    with pytest.raises(NoDataError, match="mawid notebook"):
        open_data()
    assert not (nothing_set / ".mawid").exists(), "looking leaves nothing behind"


def test_a_kernel_reads_the_database_that_the_environment_names(nothing_set, country_url, redis_url, monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", country_url)
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)
    monkeypatch.setenv("MAWID_SECRET_KEY", cheap_settings().secret_key.get_secret_value())

    core = open_data()

    assert open_data() is core
    assert what_is_there(core).loc["draws published", "number"] == 0
    core.sessions().get_bind().dispose()
    open_data.cache_clear()


def test_a_database_without_a_draw_is_not_filled_with_invented_people(nothing_set, country_url, redis_url):
    given = cheap_settings().model_copy(
        update={"database_url": SecretStr(country_url), "redis_url": SecretStr(redis_url), "state_dir": nothing_set}
    )
    with pytest.raises(NoDataError, match="no published draw"), prepared(given):
        pass


def test_a_missing_notebook_is_reported_by_name():
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["notebook", "99_nothing"])
    assert result.exit_code == 2
    assert "no such notebook" in result.output


def test_without_an_editor_the_command_says_how_to_get_one_and_plays_nothing(nothing_set, monkeypatch):
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda package: None)
    result = CliRunner().invoke(app, ["notebook"])
    assert result.exit_code == 1
    assert "pip install jupyterlab" in result.output
    assert not (nothing_set / ".mawid").exists()


def test_the_editor_opens_the_notebook_with_the_data_in_its_environment(
    nothing_set, country_url, redis_url, monkeypatch
):
    opened = {}

    def start(command, *, env, check):
        opened.update(command=command, database=env["MAWID_DATABASE_URL"])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda package: package == "jupyterlab")
    monkeypatch.setattr(commands.subprocess, "run", start)
    monkeypatch.setattr("booking.entrypoints.notebooks.executing._has_a_draw", lambda settings: True)
    monkeypatch.setenv("MAWID_DATABASE_URL", country_url)
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)

    result = CliRunner().invoke(app, ["notebook", "02"])

    assert result.exit_code == 0
    assert opened["command"][1:4] == ["-m", "jupyter", "lab"]
    assert opened["command"][4].endswith("02_draw_fairness.ipynb")
    assert opened["database"].split("://")[1] == country_url.split("://")[1]
