"""No part leaves before enough of the group stand by the same log: two logs and a bought witness make no two values."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from allocation.merkle import is_consistent
from booking.platform.base.clock import SettableClock
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.terms import write_terms
from booking.transparency.log.checkpoints import cosign, cosigners, read_checkpoint
from booking.transparency.log.notes import from_base64, read_note
from booking.transparency.witness.asked import sign_round
from booking.transparency.witness.errors import RefusedError, WitnessError
from booking.transparency.witness.folder import Folder, Log
from booking.transparency.witness.group import Member
from booking.transparency.witness.line import Answer, HttpLine, Line, LineError
from booking.transparency.witness.rounds import UnheardError
from booking.transparency.witness.serve import Asked
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.beacons.witnesses import begun
from tests.booking.transparency.witness.a_log import CLOSES, OPENS, FakeLog, announcement, receipts, statement
from tests.booking.transparency.witness.groups import a_group, parts_brought, proven


class Calling:
    """A line to another witness; ``away`` cuts it."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.away, self.calls = watch, False, 0

    def get(self, path: str) -> Answer:
        self.calls += 1
        if self.away:
            raise LineError("too slow")
        reply = Asked(self.watch).answer("GET", f"/{path}", b"")
        return Answer(reply.status, reply.body)

    def post(self, path: str, body: bytes) -> Answer:
        raise AssertionError


@dataclass
class Saying:
    """A witness that lies: it shows whatever it likes."""

    shown: bytes

    def get(self, path: str) -> Answer:
        return Answer(200, self.shown if path == "checkpoint" else b"")

    def post(self, path: str, body: bytes) -> Answer:
        raise AssertionError


@dataclass
class Group:
    """Witnesses with addresses, and a log for each, which is the same one until a test forks it."""

    folders: list[Folder]
    clock: SettableClock = field(default_factory=lambda: SettableClock(OPENS))
    lines: dict[str, Line] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = FakeLog(receipts(0, 3))
        self.log.entries += [announcement(self.log, beacon=write_terms(Member.of(self.folders[0]).group.terms))]
        self.log.entries += receipts(3, 3)
        self.log.hides = True  # what the others signed, so that each has to ask them
        self.watches = [self.watch(folder, self.log) for folder in self.folders]

    def watch(self, folder: Folder, log: FakeLog) -> Watch:
        folder.pin(Log("https://mawid.example/log", log.key))
        made = Watch(folder, log, self.clock, lambda address: nullcontext(self.lines[address]))
        self.lines[folder.identity.url] = Calling(made)
        return made

    def close(self, log: FakeLog, **other: object) -> None:
        self.clock.set(CLOSES + timedelta(minutes=1))
        log.entries += [statement(log, log.entries[3], **other)]


@pytest.fixture
def three(tmp_path: Path) -> Group:
    return Group(a_group(tmp_path, 2, "https://{}"))


@pytest.fixture
def four(tmp_path: Path) -> Group:
    return Group(a_group(tmp_path, 3, "https://{}", names="abcd"))


def forked(group: Group) -> tuple[FakeLog, FakeLog]:
    """Show the first two another log each, of one size; everybody else is bought, and signs whatever either shows."""
    other = FakeLog(group.log.entries)
    other.hides = True
    group.watches[1] = group.watch(group.folders[1], other)
    for watch, log, seconds in ((group.watches[0], group.log, 10), (group.watches[1], other, 11)):
        watch.look()
        group.close(log, solver_seconds=seconds)
        text = read_note(log.checkpoint()).text
        log.cosigned[text] = tuple(cosign(text, one.name, one.keys.signing, 1) for one in group.folders[2:])
    return group.log, other


def found(watch: Watch) -> dict[str, Path]:
    return {one.kind: watch.folder.path / "evidence" / one.folder for one in watch.findings.all()}


def test_two_logs_and_one_bought_witness_make_no_value_and_all_three_are_named(three):
    logs = forked(three)
    three.watches[0].look()
    three.watches[1].look()
    assert three.watches[0].look()[0].kind == "fork"
    for watch, log in zip(three.watches, logs, strict=False):
        with pytest.raises(RefusedError):
            sign_round(watch, proven(log, 7))
        assert parts_brought(log) == []
    for watch in three.watches[:2]:
        assert {"fork", "two_faced"} <= set(found(watch))
        first, second = ((found(watch)["two_faced"] / f"checkpoint-{which}.txt").read_bytes() for which in (1, 2))
        both = [read_checkpoint(one, [three.log.key]) for one in (first, second)]
        bought = three.folders[2].vkey
        assert all(set(cosigners(note, [bought])) == {bought} for _, note in both)
        assert both[0][0].size == both[1][0].size
        assert both[0][0].root != both[1][0].root


def test_cutting_the_line_between_the_honest_makes_no_value_either(three):
    logs = forked(three)
    for folder in three.folders:
        three.lines[folder.identity.url].away = True
    for watch, log in zip(three.watches, logs, strict=False):
        watch.look()
        with pytest.raises(UnheardError, match="2 of 3 witnesses"):
            sign_round(watch, proven(log, 7))
    three.clock.advance(timedelta(minutes=20))
    assert [one.kind for one in three.watches[0].look()] == ["unheard"]


def test_fork_whose_log_is_further_on_is_proven_from_the_others_copy(three):
    logs = forked(three)
    logs[1].entries += receipts(50, 300)
    three.watches[1].look()
    assert [one.kind for one in three.watches[0].look()] == ["fork"]
    folder = found(three.watches[0])["fork"]
    first, second = (
        read_checkpoint((folder / f"checkpoint-{which}.txt").read_bytes(), [three.log.key])[0] for which in (1, 2)
    )
    size, *lines = (folder / "first-begins-with.txt").read_text().splitlines()
    root, *proof = (from_base64(line, "a hash") for line in lines)
    assert int(size) == second.size < first.size == 308
    assert is_consistent(second.size, root, first.size, first.root, proof)
    assert root != second.root
    again = three.watch(three.folders[0], three.log)
    three.lines[three.folders[1].identity.url].away = True
    with pytest.raises(RefusedError, match="two histories"):  # what was found stays found
        sign_round(again, proven(three.log, 7))


def test_three_of_four_go_on_without_one_that_is_slow_or_lies(four):
    four.close(four.log)
    for watch in four.watches:
        watch.look()
    (slow, liar) = (four.folders[index].identity.url for index in (1, 3))
    four.lines[slow].away = True
    unsigned = FakeLog(four.log.entries, private=four.folders[3].keys.signing).checkpoint()
    for lie in (b"", unsigned, four.log.checkpoint(), FakeLog(receipts(0, 500)).checkpoint()):
        four.lines[liar] = Saying(lie)
        four.watches[0].look()
        with pytest.raises(UnheardError, match=r"2 of 3 witnesses .* nothing yet of b\.example, d\.example"):
            sign_round(four.watches[0], proven(four.log, 7))
        assert found(four.watches[0]) == {}
    four.lines[slow].away = False
    four.watches[0].look()
    calls = four.lines[slow].calls
    assert sign_round(four.watches[0], proven(four.log, 7)) == sign_round(four.watches[0], proven(four.log, 7))
    assert four.lines[slow].calls == calls  # who was heard is asked no more


def test_others_are_asked_once_between_two_looks_however_often_a_part_is_asked_for(four):
    four.close(four.log)
    four.watches[0].look()
    for _ in range(5):
        with pytest.raises(UnheardError):
            sign_round(four.watches[0], proven(four.log, 7))
    assert {line.calls for line in four.lines.values()} == {0, 1}


@pytest.mark.parametrize(
    ("number", "need", "agreeing"), [(1, 1, 1), (2, 2, 2), (3, 2, 3), (3, 3, 3), (4, 3, 3), (4, 4, 4)]
)
def test_any_two_sets_that_agree_share_two_witnesses(number, need, agreeing):
    ceremony: Ceremony = begun(number, need)[0]
    assert ceremony.agreeing == agreeing
    assert number == 1 or 2 * agreeing - number >= 2
    assert [words in ceremony.warning for words in ("must sign", "يكفي")] == [need < agreeing] * 2


def test_address_that_is_none_is_refused_in_words():
    with pytest.raises(WitnessError, match="is not"):
        HttpLine("https://\u2028")
