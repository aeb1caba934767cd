"""Both verifiers refuse every other spelling and every contradiction, in words, and agree on any bytes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.scheduling.draws import formats
from booking.scheduling.draws.decision import decide
from booking.scheduling.draws.files import BINS, DRAW, REQUESTS, Frozen, read_frozen, write_bins
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.results import read_certificate, read_plan, read_report, read_seed
from booking.scheduling.draws.verification import verify_files
from tests.standalone.corruptions import CORRUPTIONS
from tests.standalone.drawn import DRAW_SEED, invented, write_frozen
from tests.standalone.mangling import mangled
from tests.standalone.program import Folder
from tests.support.effort import examples

MANY = settings(
    max_examples=examples(50, nightly=150),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def honest():
    return invented(12, seed=3, largest=3, wide=4, days=2)


def is_read(files):
    """Whether Mawid reads all files; it knows no other error of them than the one it has for that."""
    try:
        frozen = read_frozen(files)
        read_certificate(files, bins=len(frozen.bins))
        read_plan(files, most=len(frozen.leaves))
        for read in (read_seed, read_report):
            read(files)
    except DamagedFileError:
        return False
    return True


def is_read_by(program, folder):
    try:
        program.draw_in(folder)
    except program.WrongError:
        return False
    return True


@MANY
@given(st.data())
def test_both_read_the_same_files_and_refuse_all_others_in_words(program, honest, data):
    forged = data.draw(mangled(honest))

    assert is_read(forged) is is_read_by(program, Folder(forged))


@settings(MANY, max_examples=examples(15, nightly=40))
@given(st.data())
def test_no_bytes_end_a_verifier_in_anything_but_a_verdict(honest, verdict, data):
    forged = data.draw(mangled(honest))

    assert bool(verdict(forged)) is not verify_files(forged).ok


def test_every_other_spelling_and_contradiction_is_refused_by_both(honest, verdict):
    assert verdict(honest) == ""
    assert verify_files(honest).ok
    passed, without_words = [], []
    for kind, change in CORRUPTIONS.items():
        forged = change(honest)
        words = verdict(forged)
        if forged == honest or not words or verify_files(forged).ok:
            passed.append(kind)
        if "damaged: " in words:
            without_words.append((kind, words))

    assert (passed, without_words) == ([], []), (passed, without_words)
    assert len(CORRUPTIONS) > 200


def test_a_slot_in_two_bins_is_refused_by_both_and_never_drawn(honest, verdict):
    frozen = read_frozen(honest)
    again = [replace(each, starts_at=each.starts_at + timedelta(minutes=1)) for each in frozen.bins]
    bins = sorted([*frozen.bins, *again], key=lambda each: (each.office, each.day, each.starts_at, each.pool))
    facts = {name: value for name, value in frozen.facts.items() if name not in ("files", "format")}
    contents = {name: honest[name] for name in (DRAW, REQUESTS)} | {BINS: write_bins(bins)}
    old, new = (formats.digest(each[BINS]).encode() for each in (honest, contents))
    contents[DRAW] = contents[DRAW].replace(old, new)
    drawn_twice = decide(Frozen(frozen.facts, frozen.leaves, bins), DRAW_SEED).result_files(contents)

    forged = honest | contents | drawn_twice

    assert "two slots" in verdict(forged) or "in two bins" in verdict(forged)
    assert "there twice" in verify_files(forged).words()
    with pytest.raises(DamagedFileError, match="there twice"):
        read_frozen(write_frozen(facts, frozen.leaves, bins))
