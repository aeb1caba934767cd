"""The lines that an audit opens: so many as the promise needs, picked by the beacon alone."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from math import comb

import pytest

from allocation.lottery import merkle_root
from booking.scheduling.draws.files import PLAN
from booking.scheduling.draws.format2.audit import picks, sample_size, wrong_lines
from booking.scheduling.draws.format2.rows import place_records
from booking.scheduling.draws.format2.tables import FOR_EVERYONE, LINE, PROOFS, RESULT
from booking.scheduling.draws.verification import audit_sample
from booking.transparency.beacons import bls
from booking.transparency.beacons.values import DRAND_DST, WITNESSES_DST, audit_message, round_message, value_of
from tests.support.draw_files import SECRET
from tests.support.forged_draw import restated, with_cell
from tests.support.root import ROOT

pytestmark = pytest.mark.slow


def test_the_sample_is_the_smallest_that_keeps_the_promise():
    for lines in (*range(1, 60), 999, 1000, 1001, 1500):
        wrong = wrong_lines(lines)
        missed = [comb(lines - wrong, opened) * 1000 <= comb(lines, opened) for opened in range(lines + 1)]

        assert sample_size(lines) == missed.index(True)
    assert sample_size(0) == 0


def test_the_table_in_the_document_is_the_computed_one():
    table = (ROOT / "docs" / "draw-format.md").read_text()

    for lines in (100, 1_000, 2_000, 10_000, 100_000, 1_000_000):
        assert f"| {lines:,} | {wrong_lines(lines):,} | {sample_size(lines):,} |" in table


def test_picks_are_different_leaves_that_value_and_result_fix():
    picked = picks(bytes(32), bytes(32), 50, 40)

    assert len(set(picked)) == 40
    assert max(picked) < 50
    assert picked[:10] == picks(bytes(32), bytes(32), 50, 10)
    assert picked != picks(bytes(32), bytes([1] * 32), 50, 40)


@pytest.fixture
def signature(drawn):
    return signed(drawn.files)


def signed(files):
    return bls.sign(SECRET, audit_message(sha256(files[RESULT][:-1]).digest()), dst=WITNESSES_DST)


def test_an_audit_names_the_lines_and_opens_them(drawn, signature):
    lines = len(drawn.closed.entrants)
    public = {name: drawn.files[name] for name in FOR_EVERYONE}
    waits, picked = audit_sample(drawn.files, None), audit_sample(public, signature)
    opened = audit_sample(drawn.files, signature)

    assert waits.words().endswith("audit.json is missing, or give the signature")
    picks_of = [int(word) for word in picked.checks[-1][1].split() if word.isdigit()]
    assert picks_of == picks(value_of(signature), sha256(drawn.files[RESULT][:-1]).digest(), lines, lines)
    assert opened.words().endswith(f"passed: {lines} of {lines} lines that were opened are right")


def test_an_audit_refuses_another_value_and_a_draw_that_is_wrong(drawn, signature):
    forged = restated(drawn, with_cell(drawn.files, LINE, 1, "priority", "1"), witnesses=True)

    assert not audit_sample(drawn.files, bytes(48)).ok
    assert audit_sample(forged, signature).words().startswith("FAILED: ")
    assert not audit_sample({}, None).ok


def test_an_audit_refuses_a_place_that_its_owner_could_not_find(drawn):
    salts, decision = [bytes(16), *drawn.closed.place_salts[1:]], drawn.decision
    root = merkle_root(place_records(salts, decision.plan.bin_of_request.tolist(), decision.seats)).hex()
    changed = with_cell(drawn.files, PLAN, 1, "salt", "00" * 16)
    forged = restated(drawn, changed, result={"places_root": root}, witnesses=True)

    wrong = [words for right, words in audit_sample(forged, signed(forged)).checks if not right]

    assert wrong[0] == f"{PLAN}, leaf 0: the salt is not that of the request"


def test_a_result_that_witnesses_saw_after_the_round_of_its_audit_is_named(later):
    index = later.log.entries.index(later.files[RESULT][:-1])
    number = json.loads(later.files[RESULT])["audit"]["round"]
    signature = bls.sign(SECRET, round_message(number), dst=DRAND_DST)
    late = replace(later.log.proof(index), note=later.log.note(index + 1, later.log.at[index] + timedelta(hours=1)))

    assert audit_sample(later.files, signature).ok
    report = audit_sample(later.files | {PROOFS[RESULT]: str(late).encode()}, signature)
    assert "0 witnesses cosigned before the audit's round came out" in report.words()
