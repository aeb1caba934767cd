"""The commands ``mawid beacon``, as an administrator types them."""

import pytest
from typer.testing import CliRunner

from booking.cli import app, in_one_line
from booking.transparency.beacons import bring
from booking.transparency.beacons.bring import STATEMENT
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.values import value_of
from tests.booking.transparency.beacons.test_values import ROUND, SIGNATURE
from tests.booking.transparency.beacons.test_witnesses import HASH, part
from tests.booking.transparency.beacons.witnesses import made


@pytest.fixture
def typed(core, database_url, redis_url, monkeypatch, tmp_path):
    """Run a command on the tests' database with a group of witnesses; return what it tells."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "group.json").write_bytes(made().file)
    secret = core.settings.secret_key.get_secret_value()
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "STATE_DIR": str(tmp_path), "SECRET_KEY": secret}
    for name, value in (given | {"BEACON": "witnesses", "BEACON_GROUP": "group.json"}).items():
        monkeypatch.setenv(f"MAWID_{name}", value)

    def run(*words):
        done = CliRunner().invoke(app, ["beacon", *words])
        return done.output.strip() if done.exception is None else done.exception

    return run


def test_a_group_is_shown_with_the_keys_to_compare(typed):
    shown = typed("show")
    assert shown.startswith("witnesses\ngroup ")
    assert [one.vkey.text in shown for one in made().ceremony.witnesses] == [True] * 4
    group, _, unlisted = shown.removeprefix("witnesses\n").partition("not in MAWID_WITNESSES")
    assert typed("group", "group.json") == group.strip()
    assert all(name in unlisted for name in made().group.names)


def test_values_are_carried_in_by_hand_and_only_right_ones(typed, core, tmp_path):
    assert typed("bring", str(ROUND), SIGNATURE.hex()) == f"round {ROUND} has the value {value_of(SIGNATURE).hex()}"
    assert typed("bring", str(ROUND), SIGNATURE.hex()).endswith("known before")
    for words in ((str(ROUND - 1), SIGNATURE.hex()), (str(ROUND), "x")):
        refused = typed("bring", *words)
        assert isinstance(refused, BeaconError)
        assert in_one_line(refused).startswith("BeaconError: ")
    key, message = made().group.key, part(2).message
    with core.sessions.begin() as session:
        bring.await_in(session, key=key, message=message, kind=STATEMENT, sha256=HASH, now=core.clock.now())
    (tmp_path / "part").write_bytes(part(2).content)
    assert typed("part", "part") == "the part of witness 2 is right"
