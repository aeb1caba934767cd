"""The vectors are what a third implementer may rely on: made again they are the same, and every verifier agrees."""

import json

import pytest

from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.audit import picks, sample_size
from booking.scheduling.draws.formats import instant
from booking.scheduling.draws.statement import versions
from booking.transparency.beacons import bls
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.values import round_after
from booking.transparency.log import checkpoints, notes, proofs
from tests.standalone.make_vectors import FOLDER, made
from tests.standalone.program import quick_pairings

MOST_BYTES = 310_000


def read(name):
    return json.loads((FOLDER / name).read_bytes())


def test_vectors_made_again_are_the_same_bytes():
    stated = json.loads((FOLDER / "draw" / "statement.json").read_bytes())["versions"]
    if stated != versions():
        pytest.skip("other versions of the libraries may draw another plan")
    with quick_pairings():
        again = made()

    assert [name for name, content in again.items() if (FOLDER / name).read_bytes() != content] == []
    found = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {str(path.relative_to(FOLDER)) for path in found} == {*again, "README.md"}
    assert sum(path.stat().st_size for path in found) < MOST_BYTES


@pytest.mark.parametrize(
    ("draw", "receipt", "before", "words"),
    [
        ("draw", None, (), "7 of 9 requests are served"),
        ("next", "served", ("draw",), "5 priorities follow from draws that were lost before"),
        ("next", "waiting", (), ", no place"),
        ("drand", None, (), "chance came from round 657413 of drand"),
    ],
)
def test_the_program_passes_every_draw_and_finds_every_receipt(program, draw, receipt, before, words):
    own = receipt and FOLDER / "receipts" / f"{receipt}.json"

    lines = list(program.checked(FOLDER / draw, own, [FOLDER / each for each in before]))

    assert any(words in line for line in lines), lines


def test_a_copy_of_the_log_tells_who_holds_a_receipt_that_was_replaced(program):
    def found(name):
        own = FOLDER / "receipts" / f"{name}.json"
        return list(program.checked(FOLDER / "next", own, log=FOLDER / "log"))

    assert "passed: nothing replaced this receipt" in found("served")
    assert any(
        "2 receipts were replaced before the closing, each by one other, none" in one for one in found("waiting")
    )
    with pytest.raises(program.WrongError, match="replaced on 2026-11-02T14:00:00"):
        found("replaced")


def test_mawid_derives_the_same_nonces_rounds_and_samples():
    found = read("hashes.json")
    of = {
        "draw-nonce": nonces.draw_nonce,
        "turn-nonce": nonces.turn_nonce,
        "link-salt": nonces.link_salt,
        "place-salt": nonces.place_salt,
    }
    for each in found["derived"]:
        for what, derive in of.items():
            assert derive(bytes.fromhex(each["base"]), each["draw"]).hex() == each[what]
    for each in found["rounds"]:
        at, network = instant(each["closes_at"]), {"genesis": each["genesis"], "period": each["period"]}
        assert round_after(at, **network) == each["round"]
    assert [sample_size(each["lines"]) for each in found["samples"]] == [each["opened"] for each in found["samples"]]
    value, result = (bytes.fromhex(found["picks"][key]) for key in ("value", "result"))
    assert picks(value, result, found["picks"]["lines"], 40) == found["picks"]["rows"]


def test_mawid_makes_the_same_of_each_note():
    found = read("notes.json")
    log = [notes.read_vkey(found["log"])]
    witnesses = [notes.read_vkey(each) for each in found["witnesses"]]
    for case in found["cases"]:
        try:
            proof = proofs.read_proof(case["proof"].encode())
            proof.check(found["entries"][case["entry"]].encode(), log)
            seen = {key.name: at for key, at in checkpoints.cosigners(proof.note, witnesses).items()}
        except notes.NoteError:
            seen = None
        assert seen == case.get("seen"), case["name"]


def test_mawid_makes_the_same_of_each_signature():
    for case in read("beacons.json"):
        texts = case["terms"]["key"], case["message"], case["signature"]
        key, message, signature = map(bytes.fromhex, texts)
        try:
            bls.verify(key, message, signature, dst=case["domain"].encode())
        except BeaconError:
            good = False
        else:
            good = True
        assert good is case["good"], case["name"]
