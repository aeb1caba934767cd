"""An observer makes a key at a terminal, and is told in words what is wrong with it."""

import stat

from typer.testing import CliRunner

from booking.entrypoints.commands.observe import app
from booking.transparency.observers.keys import ObserverKey, read_observer_key


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_new_key_is_its_owners_alone_and_is_never_overwritten(tmp_path):
    file = tmp_path / "court.key"
    made = run("new", file, "--name", "high-court")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = ObserverKey.read(file.read_text())
    assert read_observer_key(made.output) == key.verifier
    assert run("new", file, "--name", "high-court").exit_code == 2
    assert ObserverKey.read(file.read_text()).public_line == key.public_line


def test_what_cannot_be_used_is_refused_before_anything_is_fetched(tmp_path):
    assert run("new", tmp_path / "key", "--name", "The Court").exit_code == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "bad.key").write_bytes(b"\xff")
    assert run("fetch", "https://mawid.example", "d1", tmp_path / "draw", "--key", tmp_path / "bad.key").exit_code == 2
    run("new", tmp_path / "court.key", "--name", "high-court")
    away = run("fetch", "http://127.0.0.1:9", "d1", tmp_path / "draw", "--key", tmp_path / "court.key")
    assert (away.exit_code, "127.0.0.1:9" in away.output) == (1, True)
