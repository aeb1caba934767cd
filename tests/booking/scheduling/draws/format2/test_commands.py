"""The commands that check a draw in format 2 from a folder."""

import json
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from typer.testing import CliRunner

from booking.entrypoints.commands.draw import app
from booking.scheduling.draws.format2.tables import AUDIT, FOR_EVERYONE, LINE
from booking.transparency.log.checkpoints import bundle_path, write_bundle
from tests.standalone.audits import audit_file

pytestmark = pytest.mark.slow


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

    code, words = run("verify", folder, "--receipt", digits, "--ar")
    assert (code, words.startswith("صحيح: الملفات كلها"), "«" in words) == (0, True, False), words
    assert run("verify", folder, "--receipt", "zz")[0] == 2
    assert "one folder on" in run("verify", folder.parent)[1]
    assert run("verify", folder, "--receipt", tmp_path / "receipt.json")[0] == 1
    (folder / LINE).write_bytes(drawn.files[LINE].replace(b"leaf", b"leaves"))
    code, words = run("verify", folder)
    assert (code, words.startswith(f"FAILED: {LINE}, line 1")) == (1, True)


def test_the_sample_of_a_folder_is_named_by_its_own_value_or_one_brought_by_hand(drawn, tmp_path):
    folder = drawn.written(tmp_path, FOR_EVERYONE)
    brought = audit_file(drawn.files)

    assert "give the signature" in run("sample", folder)[1]
    signature = json.loads(brought)["signature"]
    assert "the beacon picks the leaves" in run("sample", folder, "--signature", signature)[1]
    (folder / AUDIT).write_bytes(brought)
    assert "the beacon picks the leaves" in run("sample", folder)[1]
    assert run("sample", folder, "--signature", "00" * 48)[0] == 1


def zipped(path, members, **how):
    with ZipFile(path, "w", **how) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_the_zip_of_a_draw_is_checked_as_its_folder_is(drawn, tmp_path, monkeypatch):
    members = [(f"d1/{name}", drawn.files[name]) for name in FOR_EVERYONE]
    whole = zipped(tmp_path / "all.zip", [*members, ("__MACOSX/d1/line.csv", b""), ("../../notes", b"")])

    assert run("verify", whole)[0] == 0
    monkeypatch.setenv("LC_ALL", "ar_SY.UTF-8")
    code, words = run("sample", whole)
    assert (code, words.startswith("صحيح: من أصل"), "«" in words) == (0, True, False), words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip"]


def test_a_zip_that_is_no_draws_is_refused_in_words(drawn, tmp_path):
    members = [(f"d1/{name}", drawn.files[name]) for name in FOR_EVERYONE]
    good = zipped(tmp_path / "good.zip", members).read_bytes()
    bomb = [("statement.json", bytes(1 << 24))]
    cases = {
        "is in the zip twice": zipped(tmp_path / "twice.zip", [*members, (f"d2/{LINE}", b"")]).read_bytes(),
        "is larger than": zipped(tmp_path / "bomb.zip", bomb, compression=ZIP_DEFLATED).read_bytes(),
        "packed in another way": zipped(tmp_path / "lzma.zip", members, compression=ZIP_LZMA).read_bytes(),
        "larger than that of any": zipped(tmp_path / "many.zip", [(f"{n}", b"") for n in range(2000)]).read_bytes(),
        "no zip, or cut off": good[:-1],
        "cannot be read": good.replace(b"leaf,person", b"leaf,peason"),
        "no file of a draw": zipped(tmp_path / "empty.zip", []).read_bytes(),
    }
    lying = bytearray(zipped(tmp_path / "lying.zip", bomb, compression=ZIP_DEFLATED).read_bytes())
    lying[(entry := lying.index(b"PK\x01\x02")) + 24 : entry + 28] = (100).to_bytes(4, "little")
    cases["statement.json"] = bytes(lying)
    for words, content in cases.items():
        (tmp_path / "case.zip").write_bytes(content)
        code, said = run("verify", tmp_path / "case.zip")
        assert (code, said.startswith("FAILED: "), words in said) == (1, True, True), (words, said)
