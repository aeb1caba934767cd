"""Moves of an insider who writes what they like into the log, and the witness who finds them (docs/witness.md).

Before, an insider chose the draw, and its files still verified: nobody outside had seen what they said earlier.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from allocation.merkle import is_consistent
from booking.platform.base.clock import SettableClock
from booking.transparency.log.checkpoints import read_checkpoint
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.log.notes import from_base64
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.gossip import Verdict, compare
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import (
    CLOSES,
    OPENS,
    FakeLog,
    a_watch,
    announcement,
    drand,
    receipts,
    result,
    statement,
)
from tests.support.root import ROOT

HASH = "a" * 64
AT = OPENS.isoformat()


@dataclass
class Insider:
    """Somebody with the database, the log's key and the seed; a witness looks twice a minute."""

    log: FakeLog
    watch: Watch
    clock: SettableClock
    found: dict[str, int] = field(default_factory=dict)
    looks: int = 0

    def after(self, **waiting: int) -> None:
        """Let time go by, and let the witness look."""
        self.clock.advance(timedelta(**waiting))
        self.looks += 1
        for one in self.watch.look():
            self.found.setdefault(one.kind, self.looks)

    def add(self, *entries: bytes) -> None:
        self.log.entries += entries
        self.after(seconds=30)

    def close(self, **other) -> bytes:
        """Come to the end of the window, and close the draw."""
        self.clock.set(CLOSES)
        self.after(seconds=0)
        self.add(statement(self.log, self.log.entries[3], **other))
        return self.log.entries[-1]

    def begin(self) -> None:
        """From here on the insider moves, and the witness's looks count."""
        self.looks = 0


def places_removed(insider: Insider) -> None:
    closed = insider.close()
    files = read_entry(result(closed))["files"]
    insider.begin()
    insider.add(result(closed, files=files | {"bins.csv": HASH}))


def mechanism_switched(insider: Insider) -> None:
    insider.close()
    insider.begin()
    insider.log.entries[-1] = statement(
        FakeLog(insider.log.entries[:-1]), insider.log.entries[3], mechanism="in-line-order"
    )
    insider.after(seconds=30)


def late_requests(insider: Insider) -> None:
    insider.clock.set(CLOSES + timedelta(minutes=6))
    insider.after(seconds=0)
    insider.begin()
    insider.log.entries += receipts(700, 3)
    insider.add(statement(insider.log, insider.log.entries[3]))


def priorities_changed(insider: Insider) -> None:
    closed = insider.close()
    files = read_entry(result(closed))["files"]
    insider.begin()
    insider.add(result(closed, files=files | {"requests.jsonl.gz": HASH}))


def entry_deleted(insider: Insider) -> None:
    insider.begin()
    del insider.log.entries[1]
    insider.add(*receipts(700, 2))


def draw_restarted(insider: Insider) -> None:
    insider.begin()
    insider.add(write_entry("abandoned", {"reference": "2026-03-02", "reason": "an unwelcome result", "at": AT}))


def given_up_knowing(insider: Insider) -> None:
    insider.close()
    insider.begin()
    insider.add(write_entry("abandoned", {"reference": "2026-03-02", "reason": "a power cut", "at": AT}))


def announced_again(insider: Insider) -> None:
    insider.begin()
    insider.add(announcement(insider.log, confirm_seconds=60))


def two_statements(insider: Insider) -> None:
    insider.close()
    insider.begin()
    insider.add(statement(insider.log, insider.log.entries[3], solver_seconds=11))


def seed_swapped(insider: Insider) -> None:
    closed = insider.close()
    insider.begin()
    insider.add(result(closed, seed=HASH))


def wrong_round(insider: Insider) -> None:
    insider.begin()
    insider.close(beacon=drand() | {"round": drand()["round"] + 1})


def backup_restored(insider: Insider) -> None:
    insider.begin()
    del insider.log.entries[5:]
    insider.after(seconds=30)
    insider.after(seconds=30)


def result_withheld(insider: Insider) -> None:
    insider.close()
    insider.begin()
    insider.after(days=1)


def staff_log_shortened(insider: Insider) -> None:
    insider.add(write_entry("audit", {"entries": 90, "hash": HASH, "at": AT}))
    insider.begin()
    insider.add(write_entry("audit", {"entries": 80, "hash": "b" * 64, "at": AT}))


def policy_changed_under_its_number(insider: Insider) -> None:
    version = {"kind": "quota", "version": 7, "sha256": HASH, "at": AT}
    insider.add(write_entry("version", version))
    insider.begin()
    insider.add(write_entry("version", version | {"sha256": "b" * 64}))


def version_never_logged(insider: Insider) -> None:
    insider.add(write_entry("version", {"kind": "quota", "version": 7, "sha256": HASH, "at": AT}))
    insider.begin()
    insider.close(quota={"version": 7, "sha256": "b" * 64})


def two_draws_at_once(insider: Insider) -> None:
    insider.begin()
    insider.add(announcement(insider.log, reference="another", horizon_first="2026-03-20", horizon_last="2026-03-30"))


def one_draw_replaced_twice(insider: Insider) -> None:
    again = {"of": "2026-03-01", "reason": "a flood"}
    later = {"opens_at": CLOSES.isoformat(), "closes_at": (CLOSES + timedelta(hours=1)).isoformat(), "again": again}
    insider.add(announcement(insider.log, reference="one", **later))
    insider.begin()
    apart = {"horizon_first": "2026-04-01", "horizon_last": "2026-04-02"}
    insider.add(announcement(insider.log, reference="two", **later, **apart))


def entries_withheld(insider: Insider) -> None:
    insider.begin()
    insider.log.mute = True
    insider.add(*receipts(700, 2))
    insider.after(seconds=30)


MOVES: dict[str, tuple[Callable[[Insider], None], str, int]] = {
    "places removed": (places_removed, "result_differs", 1),
    "mechanism switched": (mechanism_switched, "fork", 1),
    "late requests": (late_requests, "late_requests", 1),
    "priorities changed": (priorities_changed, "result_differs", 1),
    "log entry deleted": (entry_deleted, "rewritten", 1),
    "draw abandoned": (draw_restarted, "abandoned", 1),
    "draw abandoned when its outcome could be known": (given_up_knowing, "given_up_knowing", 1),
    "draw announced twice": (announced_again, "second", 1),
    "two statements": (two_statements, "second", 1),
    "seed swapped": (seed_swapped, "result_differs", 1),
    "wrong round": (wrong_round, "statement_differs", 2),
    "backup restored": (backup_restored, "back", 2),
    "entries withheld": (entries_withheld, "withheld", 2),
    "result withheld": (result_withheld, "undrawn", 1),
    "staff log shortened": (staff_log_shortened, "audit_back", 1),
    "statement by a policy that was not logged": (version_never_logged, "version_unlogged", 2),
    "two draws for the same days at once": (two_draws_at_once, "competing", 1),
    "one draw replaced twice": (one_draw_replaced_twice, "competing", 1),
    "policy changed under its number": (policy_changed_under_its_number, "version_changed", 1),
}


@pytest.fixture
def insider(tmp_path: Path):
    log, clock = FakeLog(receipts(0, 3)), SettableClock(OPENS)
    log.entries += [announcement(log), *receipts(3, 4)]
    made = Insider(log, a_watch(Folder.new(tmp_path / "w", "gazette.example"), log, clock), clock)
    made.after(seconds=0)
    assert made.found == {}
    return made


@pytest.mark.parametrize("move", MOVES)
def test_witness_finds_the_move_within_so_many_looks(insider: Insider, move: str):
    moved, kind, looks = MOVES[move]
    moved(insider)
    assert insider.found[kind] <= looks


def test_history_shown_to_one_citizen_alone_is_found_by_their_receipt(insider: Insider):
    shown = FakeLog([*insider.log.entries[:6], *receipts(900, 1)])
    verdict, words = compare(insider.watch, shown.checkpoint())
    assert verdict is Verdict.FORK
    assert "Two histories were shown" in words
    (folder,) = (insider.watch.folder.path / "evidence").iterdir()
    first, second = (
        read_checkpoint((folder / f"checkpoint-{which}.txt").read_bytes(), [insider.log.key])[0] for which in (1, 2)
    )
    size, root, *proof = (folder / "first-begins-with.txt").read_text().splitlines()
    ours = [from_base64(line, "a hash") for line in (root, *proof)]
    assert int(size) == second.size < first.size
    assert is_consistent(second.size, ours[0], first.size, first.root, ours[1:])
    assert ours[0] != second.root


def test_table_of_moves_names_each_of_them_once():
    rows = re.findall(r"^\| ([^|]+?) \|.*`test_rigging`", (ROOT / "docs/witness.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted([*MOVES, "history for one citizen alone"])
