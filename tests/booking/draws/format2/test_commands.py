"""The commands that check a draw in format 2 from a folder."""

from hashlib import sha256

import pytest
from typer.testing import CliRunner

from booking.beacons import bls
from booking.beacons.values import WITNESSES_DST, audit_message
from booking.commands.draw import app
from booking.draws.format2.names import FOR_EVERYONE, LINE, RESULT
from booking.transparency.bundles import bundle_path, write_bundle
from tests.draw_files import SECRET


def run(*words):
    result = CliRunner().invoke(app, list(map(str, words)))
    return result.exit_code, result.output


@pytest.fixture
def folder(drawn, tmp_path):
    return drawn.written(tmp_path / "draw")


def test_a_folder_is_verified_with_all_that_is_known_from_elsewhere(drawn, later, folder, tmp_path):
    log = drawn.log
    (tmp_path / "receipt.json").write_bytes(later.own_receipt(1))
    (tmp_path / "checkpoint").write_text(str(log.note(50, log.at[39])), encoding="utf-8")
    bundle = tmp_path / "log" / bundle_path(0, len(log.entries))
    bundle.parent.mkdir(parents=True)
    bundle.write_bytes(write_bundle(log.entries))
    known = [word for key in log.witness_keys for word in ("--witness", key.text)]
    outside = ["--key", log.key.text, "--checkpoint", tmp_path / "checkpoint", "--log", tmp_path / "log"]
    own = ["--before", folder, "--receipt", tmp_path / "receipt.json"]

    code, words = run("verify", later.written(tmp_path / "later"), *own, *outside, *known)

    assert code == 0, words
    for said in ("key that is known", "2 known witnesses", "checked that one continues", "in 1 earlier", "took part"):
        assert said in words


def test_a_wrong_folder_or_receipt_ends_with_status_1_and_the_reason(drawn, folder, tmp_path):
    (tmp_path / "receipt.json").write_bytes(b"[" * 100_000)
    digits = drawn.closed.entrants[0].leaf.receipt.hex()

    assert run("verify", folder, "--receipt", digits)[0] == 0
    assert run("verify", folder, "--receipt", "zz")[0] == 2
    assert "one folder on" in run("verify", folder.parent)[1]
    assert run("verify", folder, "--receipt", tmp_path / "receipt.json")[0] == 1
    (folder / LINE).write_bytes(drawn.files[LINE].replace(b"leaf", b"leaves"))
    code, words = run("verify", folder)
    assert (code, words.startswith(f"FAILED: {LINE}, line 1")) == (1, True)


def test_the_sample_of_a_folder_is_named_with_the_signature_alone(drawn, tmp_path):
    folder = drawn.written(tmp_path, FOR_EVERYONE)
    signature = bls.sign(SECRET, audit_message(sha256(drawn.files[RESULT][:-1]).digest()), dst=WITNESSES_DST)

    assert "give its signature" in run("sample", folder)[1]
    assert "the beacon picks the leaves" in run("sample", folder, "--signature", signature.hex())[1]
    assert run("sample", folder, "--signature", "00" * 48)[0] == 1
