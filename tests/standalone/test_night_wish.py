"""Three verifiers that share no code say the same of each wish in a night of the exchange."""

import json
import subprocess

import pytest

from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.own_part import check_wish
from booking.transparency.log.checkpoints import bundle_path, write_bundle
from booking.transparency.log.notes import read_vkey
from booking.transparency.log.proofs import read_proof
from tests.standalone.differences import CHECK, NODE
from tests.standalone.invented_night import REFERENCE, invented_night
from tests.standalone.make_vectors import FOLDER, wish_found, write

CASES = json.loads((FOLDER / "wishes.json").read_bytes())


def by_mawid(night, own, log):
    files = {one.name: one.read_bytes() for one in night.iterdir()}
    stated = files["statement.json"], read_proof(files["statement.proof"])
    key, copy = read_vkey(json.loads(files["announcement.json"])["log"]), None if log is None else LogCopy(log)
    try:
        return check_wish(
            json.loads(own.read_bytes()), json.loads(files["night.json"]), REFERENCE, stated=stated, key=key, copy=copy
        )
    except WrongNightError as error:
        return [f"refused: {error}"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["wish"])
def test_mawid_and_the_program_find_the_same_of_each_wish(case):
    own = FOLDER / "wishes" / case["wish"]
    for said, log in (("alone", None), ("with the log", FOLDER / "night-log")):
        assert wish_found(FOLDER / "night", own, log) == case[said]
        ours = " ".join(by_mawid(FOLDER / "night", own, log))
        assert ours.startswith("refused: ") == case[said].startswith("refused: "), ours
        for words in ("took part as you made it: size 1, line ", "rightly takes no part", "came into the log after"):
            assert (words in ours) == (words in case[said]), ours


def test_a_night_that_counts_on_a_wish_that_had_ended_or_twice_is_refused(tmp_path):
    night = invented_night(counts=("counted", "ended", "changed"))
    entries = night.log.entries
    write(tmp_path / "night", night.files)
    write(tmp_path / "wishes", night.wishes)
    write(tmp_path / "log", {str(bundle_path(0, len(entries))): write_bundle(entries)})
    for name in ("ended", "changed"):
        own = tmp_path / "wishes" / name
        assert "the night counted on a wish that" in wish_found(tmp_path / "night", own, tmp_path / "log")
        (ours,) = by_mawid(tmp_path / "night", own, tmp_path / "log")
        assert "the night counted on it though it had ended" in ours
    write(tmp_path / "twice", invented_night(counts=("counted", "counted")).files)
    own = tmp_path / "wishes" / "counted"
    assert "two lines have one wish" in wish_found(tmp_path / "twice", own)
    assert by_mawid(tmp_path / "twice", own, None) == ["refused: two lines of the night have one wish"]


@pytest.mark.skipif(NODE is None, reason="the page runs under node here")
def test_the_page_and_the_program_refuse_the_same_files(tmp_path):
    """Each file with one byte changed, each wish, and the receipt of a draw in a night."""
    night = invented_night()
    cases = {"whole": night.files, "no night": {name: one for name, one in night.files.items() if "proof" not in name}}
    cases |= {name: night.files | {name: _spoilt(content)} for name, content in night.files.items()}
    asked = []
    for name, files in cases.items():
        write(tmp_path / name, files)
        asked.append((tmp_path / name, FOLDER / "wishes" / "counted.json"))
    asked += [(FOLDER / "night", FOLDER / "wishes" / case["wish"]) for case in CASES]
    asked.append((FOLDER / "night", FOLDER / "receipts" / "served.json"))
    lines = "".join(json.dumps({"folder": str(folder), "receipt": str(own)}) + "\n" for folder, own in asked)
    said = subprocess.run([NODE, CHECK], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [json.loads(line)["ok"] for line in said]
    assert found == [not wish_found(*pair).startswith("refused: ") for pair in asked]
    assert found[: len(cases)] == [True] + [False] * (len(cases) - 1)


def _spoilt(content):
    at = content.index(b"1")
    return content[:at] + b"2" + content[at + 1 :]
