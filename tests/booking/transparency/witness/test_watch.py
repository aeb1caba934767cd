"""A witness against logs that are honest, and logs that are not."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.platform.base.clock import SettableClock
from booking.transparency.witness.asked import add_checkpoint
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.line import Answer
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import (
    CLOSES,
    OPENS,
    FakeLog,
    a_watch,
    announcement,
    receipts,
    result,
    statement,
)
from tests.support.effort import examples


@pytest.fixture
def clock():
    return SettableClock(OPENS)


@pytest.fixture
def log():
    return FakeLog(receipts(0, 300))


@pytest.fixture
def watch(tmp_path: Path, log: FakeLog, clock: SettableClock):
    return a_watch(Folder.new(tmp_path / "w", "gazette.example"), log, clock)


def kinds(found):
    return sorted(one.kind for one in found)


def test_honest_log_is_mirrored_and_cosigned(watch, log, clock):
    assert watch.look() == []
    log.entries += receipts(300, 400)
    clock.advance(timedelta(seconds=30))
    assert watch.look() == []
    assert watch.cosigner.accepted.size == 700
    assert [entry for _, entry in watch.mirror.entries()] == log.entries
    assert [path for path, _ in log.brought] == ["cosignatures"] * 2


@pytest.mark.parametrize("brought", [350, 450])
def test_checkpoint_brought_during_a_look_is_no_fork_and_ends_no_looking(watch, log, brought):
    """The office brings its checkpoint to a witness that is reading the entries of one of 400."""
    watch.look()
    entries = receipts(0, 500)
    newer, ask = FakeLog(entries[:brought]), log.get

    def meanwhile(path):
        answer = ask(path)
        if path != "checkpoint" and watch.cosigner.accepted.size == 300:
            add_checkpoint(watch, newer.offer(300))
        return answer

    log.entries, log.get = entries[:400], meanwhile
    assert watch.look() == []
    log.entries = entries
    assert watch.look() == []
    assert watch.cosigner.accepted.size == watch.mirror.size == 500


def test_opened_again_it_knows_what_it_knew(watch, log, clock):
    watch.look()
    again = Watch(watch.folder, log, clock)
    assert again.cosigner.accepted == watch.cosigner.accepted
    assert again.mirror.tree.root(300) == watch.mirror.tree.root(300)
    log.entries += receipts(300, 1)
    assert again.look() == []


def test_removed_entry_is_found_and_named(watch, log):
    watch.look()
    del log.entries[70]
    log.entries += receipts(1000, 5)
    found = watch.look()
    assert kinds(found) == ["changed_entry", "rewritten"]
    assert "entry 70" in next(one for one in found if one.kind == "changed_entry").sentence("en").lower()
    assert watch.cosigner.accepted.size == 300
    assert [watch.look(), watch.look()] == [[], []]


def test_two_roots_for_one_size_are_a_fork(watch, log):
    watch.look()
    log.entries[299] = receipts(5000, 1)[0]
    found = next(one for one in watch.look() if one.kind == "fork")
    folder = watch.folder.path / "evidence" / found.folder
    assert found.kind == "fork"
    assert {path.name for path in folder.iterdir()} >= {"checkpoint-1.txt", "checkpoint-2.txt"}


def test_smaller_log_is_a_finding_when_it_stays_so(watch, log):
    watch.look()
    del log.entries[200:]
    assert watch.look() == []
    assert kinds(watch.look()) == ["back"]
    assert watch.cosigner.accepted.size == 300


def test_entries_that_are_withheld_are_a_finding(watch, log):
    log.mute = True
    assert watch.look() == []
    assert kinds(watch.look()) == ["withheld"]
    assert watch.cosigner.accepted.size == 0


def test_absent_log_is_a_finding_once_and_cosigned_again(watch, log, clock):
    log.away = True
    assert watch.look() == []
    clock.advance(timedelta(minutes=16))
    assert kinds(watch.look()) == ["silent"]
    assert watch.look() == []
    log.away = False
    assert watch.look() == []
    assert watch.cosigner.accepted.size == 300


def test_log_that_refuses_what_is_brought_hides_nothing(watch, log):
    log.deaf = True
    log.entries += [b"no entry"]
    assert kinds(watch.look()) == ["unreadable"]


def test_whole_draw_without_contradiction_finds_nothing(watch, log, clock):
    log.entries += [told := announcement(log)]
    watch.look()
    log.entries += receipts(300, 9)
    clock.set(CLOSES + timedelta(minutes=1))
    log.entries += [closed := statement(log, told)]
    watch.look()
    clock.advance(timedelta(minutes=1))
    log.entries += [result(closed)]
    assert watch.look() == []
    assert watch.findings.all() == []


@settings(max_examples=examples(20, nightly=40))
@given(
    answers=st.lists(st.tuples(st.sampled_from([200, 204, 404, 500]), st.binary(max_size=80)), min_size=1, max_size=6)
)
def test_whatever_a_log_answers_the_witness_goes_on_and_signs_nothing(tmp_path_factory, answers):
    class Babbling(FakeLog):
        def get(self, path: str) -> Answer:
            answers.append(answers.pop(0))
            status, body = answers[-1]
            return Answer(status, self.checkpoint() if path == "checkpoint" and len(body) > 40 else body)

    log = Babbling(receipts(0, 3))
    watch = a_watch(Folder.new(tmp_path_factory.mktemp("b") / "w", "gazette.example"), log, SettableClock(OPENS))
    for _ in range(3):
        assert set(kinds(watch.look())) <= {"signature", "withheld", "origin"}
    assert watch.cosigner.accepted.size == 0
    assert log.brought == []
