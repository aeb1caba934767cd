"""What ``mawid version`` says of what is installed, and of the servers."""

import subprocess

import pytest
from typer.testing import CliRunner

from booking import cli
from booking.country.core.schema import needed_revision
from booking.platform.base import release
from tests.support.root import ROOT


def told(*words):
    done = CliRunner().invoke(cli.app, ["version", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_a_checkout_tells_its_commit_and_the_schema_that_it_needs():
    said = told()

    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said["revision"].removesuffix("-dirty") == head.strip()
    assert said["schema"] == needed_revision()
    assert {"mawid", "python", "numpy", "ortools", "system"} <= set(said)


@pytest.mark.parametrize(("noted", "revision"), [("abc\n", "abc"), ("\n", None), (None, None)])
def test_what_was_built_tells_the_commit_that_was_noted(tmp_path, monkeypatch, noted, revision):
    (tmp_path / "booking").mkdir()
    file = tmp_path / "booking/revision.txt"
    if noted is not None:
        file.write_text(noted)
    monkeypatch.setattr(release, "_REVISION", file)

    assert release.read_release().revision == revision


def test_the_servers_of_the_settings_are_named(country_url, redis_url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_DATABASE_URL", country_url)
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)

    said = told("--servers")

    assert said["postgresql"].endswith(f", schema {needed_revision()}")
    assert said["valkey"][0].isdigit()
