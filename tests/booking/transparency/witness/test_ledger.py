"""Entries that contradict each other, one at a time: what the witness calls it, in both languages."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from booking.platform.base.clock import SettableClock
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import (
    CLOSES,
    OPENS,
    WITNESSES,
    FakeLog,
    a_watch,
    announcement,
    drand,
    receipts,
    result,
    statement,
)
from tests.booking.transparency.witness.a_night import announced, stated

pytestmark = pytest.mark.slow

HASH = "a" * 64
AT = OPENS.isoformat()


@pytest.fixture
def log():
    return FakeLog(receipts(0, 3))


@pytest.fixture
def clock():
    return SettableClock(OPENS)


@pytest.fixture
def watch(tmp_path: Path, log: FakeLog, clock: SettableClock):
    return a_watch(Folder.new(tmp_path / "w", "gazette.example"), log, clock)


def follow(watch: Watch, clock: SettableClock, log: FakeLog, *later: Callable[[], bytes]):
    """Let the log be announced in, then grow by an entry a minute after the closing; return what was found."""
    watch.look()
    clock.set(CLOSES)
    watch.look()
    clock.advance(timedelta(minutes=1))
    for entry in later:
        log.entries.append(entry())
        watch.look()
        clock.advance(timedelta(seconds=30))
    return [(one.kind, one.values.get("what")) for one in watch.findings.all() if not one.notice]


def drawn(log: FakeLog, told: bytes, closing: dict, ending: dict):
    """Return how a draw goes on after its announcement."""
    kept = []

    def close() -> bytes:
        kept.append(statement(log, told, **closing))
        return kept[0]

    return close, lambda: result(kept[0], **ending)


@pytest.mark.parametrize(
    ("closing", "ending", "what"),
    [
        ({"seed_commitment": HASH}, {}, ("statement_differs", "seed_commitment")),
        ({"horizon_last": "2026-03-21"}, {}, ("statement_differs", "horizon_last")),
        ({"confirm_seconds": 1}, {}, ("statement_differs", "confirm_seconds")),
        ({"beacon": WITNESSES | {"need": 1}}, {}, ("statement_differs", "beacon")),
        ({"closes_at": (CLOSES - timedelta(hours=1)).isoformat()}, {}, ("statement_differs", "closes_at")),
        ({"closed_at": (CLOSES - timedelta(hours=1)).isoformat()}, {}, ("statement_differs", "closed_at")),
        ({"announcement": {"index": 0, "sha256": HASH}}, {}, ("statement_differs", "reference")),
        ({"receipts": {"size": 4, "root": HASH}}, {}, ("statement_differs", "receipts")),
        ({}, {"statement": HASH}, ("result_differs", "statement_hash")),
        ({}, {"beacon": {"signature": "b" * 96, "value": HASH}}, ("result_differs", "signature")),
        ({}, {"seed": HASH}, ("result_differs", "seed")),
        ({}, {"served_requests": 4}, ("result_differs", "served")),
        ({}, {"audit": {"round": 7}}, ("result_differs", "audit")),
        ({}, {"at": (CLOSES - timedelta(minutes=1)).isoformat()}, ("result_differs", "early")),
    ],
)
def test_draw_that_departs_from_what_was_fixed_is_named(watch, log, clock, closing, ending, what):
    log.entries += [told := announcement(log)]
    assert what in follow(watch, clock, log, *drawn(log, told, closing, ending))


def test_file_of_places_other_than_the_statement_is_named(watch, log, clock):
    log.entries += [told := announcement(log)]
    files = read_entry(result(statement(log, told)))["files"] | {"bins.csv": HASH}
    found = follow(watch, clock, log, *drawn(log, told, {}, {"files": files}))
    assert found == [("result_differs", "bins.csv")]


@pytest.mark.parametrize("kind", ["announcement", "statement", "result"])
def test_second_entry_of_a_kind_for_one_draw_is_named(watch, log, clock, kind):
    log.entries += [told := announcement(log)]
    close, end = drawn(log, told, {}, {})
    closed = []
    more = {
        "announcement": lambda: announcement(log, need=0, confirm_seconds=60),
        "statement": lambda: statement(log, told, solver_seconds=11),
        "result": lambda: result(closed[0], served_people=3),
    }
    found = follow(watch, clock, log, lambda: closed.append(close()) or closed[0], end, more[kind])
    assert ("second", kind) in found


def test_receipts_added_after_the_closing_are_late_requests(watch, log, clock):
    log.entries += [told := announcement(log)]
    watch.look()
    clock.set(CLOSES + timedelta(minutes=6))
    watch.look()
    clock.advance(timedelta(minutes=1))
    log.entries += receipts(900, 2)
    log.entries += [statement(log, told)]
    (found,) = watch.look()
    assert found.kind == "late_requests"
    assert "6 entries" in found.sentence("en")
    assert "4 at most" in found.sentence("en")


def test_statement_after_its_drand_round_is_late(watch, log, clock):
    log.entries += [told := announcement(log, beacon=drand())]
    watch.look()
    clock.set(CLOSES + timedelta(minutes=12))
    watch.look()
    log.entries += [statement(log, told)]
    assert [one.kind for one in watch.look()] == ["late_statement"]


def test_draw_that_is_never_drawn_or_closed_is_named(watch, log, clock):
    log.entries += [
        told := announcement(log),
        announcement(log, reference="other", horizon_first="2026-03-21", horizon_last="2026-03-21"),
    ]
    watch.look()
    clock.set(CLOSES + timedelta(minutes=1))
    log.entries += [statement(log, told)]
    watch.look()
    clock.advance(timedelta(hours=1))
    assert [(one.kind, one.values["draw"]) for one in watch.look()] == [("unclosed", "other")]
    clock.advance(timedelta(days=1))
    assert [(one.kind, one.values["draw"]) for one in watch.look()] == [("undrawn", "2026-03-02")]


def test_draws_one_after_the_other_or_of_other_days_do_not_compete(watch, log):
    at = (CLOSES + timedelta(hours=1)).isoformat()
    log.entries += [
        announcement(log),
        announcement(log, reference="next", opens_at=CLOSES.isoformat(), closes_at=at),
        announcement(log, reference="apart", horizon_first="2026-03-21", horizon_last="2026-03-21"),
        write_entry("abandoned", {"reference": "2026-03-02", "reason": "flood", "at": AT}),
        announcement(log, reference="again", again={"of": "2026-03-02", "reason": "flood"}, opens_at=AT),
    ]
    assert [one.kind for one in watch.look() if not one.notice] == []


def test_versions_that_the_log_has_may_stand_in_a_statement(watch, log, clock):
    log.entries += [
        write_entry("version", {"kind": kind, "version": 4, "sha256": HASH, "at": AT}) for kind in ("quota", "rules")
    ]
    log.entries += [told := announcement(log)]
    versions = {kind: {"version": 4, "sha256": HASH} for kind in ("quota", "rules")}
    assert follow(watch, clock, log, lambda: statement(log, told, **versions)) == []


def test_abandonment_and_restart_are_notices_with_their_reason(watch, log, clock):
    log.entries += [
        announcement(log),
        write_entry("abandoned", {"reference": "2026-03-02", "reason": "flood", "at": AT}),
        announcement(log, reference="next", again={"of": "2026-03-02", "reason": "once more"}),
    ]
    watch.look()
    notices = watch.findings.all()
    assert {one.kind for one in notices} == {"abandoned", "again"}
    assert all(one.notice for one in notices)
    log.entries += [write_entry("beacon", {"reference": "2026-03-02", "signature": "b" * 96})]
    assert {one.kind for one in watch.look()} == {"after_abandoned", "missing"}


def test_versions_heads_and_replacements_never_change_or_go_back(watch, log):
    version = {"kind": "quota", "version": 4, "sha256": HASH, "at": AT}
    audit = {"entries": 10, "hash": HASH, "at": AT}
    log.entries += [
        write_entry("version", version),
        write_entry("audit", audit),
        write_entry("version", version | {"sha256": "b" * 64}),
        write_entry("audit", audit | {"hash": "b" * 64}),
        write_entry("audit", audit | {"entries": 9}),
        *(write_entry("replaced", {"receipt": HASH, "by": by * 64, "at": AT}) for by in "cd"),
    ]
    found = ["audit_back", "audit_changed", "replaced_twice", "version_changed"]
    assert sorted(one.kind for one in watch.look()) == found


def test_clocks_more_than_five_minutes_apart_are_named(watch, log, clock):
    watch.look()
    clock.advance(timedelta(minutes=30))
    watch.look()
    clock.advance(timedelta(seconds=30))
    for number, minutes in enumerate((-60, -4, 4, 60)):
        at = (clock.now() + timedelta(minutes=minutes)).isoformat()
        log.entries.append(write_entry("audit", {"entries": 10 + number, "hash": HASH, "at": at}))
    assert sorted((one.kind, one.values["index"]) for one in watch.look()) == [("clock_ahead", 6), ("clock_behind", 3)]


def test_a_closing_before_the_time_that_it_says_is_named(watch, log, clock):
    log.entries += [told := announcement(log), night := announced(log)]
    watch.look()
    log.entries += [statement(log, told), stated(night)]
    found = [(one.kind, one.values["index"]) for one in watch.look() if one.kind.startswith("clock")]
    assert found == [("clock_ahead", len(log.entries) - 2), ("clock_ahead", len(log.entries) - 1)]


def test_entries_that_no_rule_knows_are_named_and_skipped(watch, log):
    log.entries += [b"", b"\xff" * 65_535, b'{"type":"new"}', b"[" * 60_000]
    assert [one.kind for one in watch.look()] == ["unreadable"] * 4


def test_every_finding_is_a_sentence_in_both_languages(watch, log, clock):
    log.entries += [told := announcement(log)]
    follow(watch, clock, log, *drawn(log, told, {"seed_commitment": HASH}, {"seed": HASH, "served_requests": 4}))
    for one in watch.findings.all():
        assert "{" not in one.sentence("en") + one.sentence("ar")
        assert "القرعة 2026-03-02" in one.sentence("ar")
    assert (watch.folder.path / "findings.txt").read_text().count("evidence/") == 2 * len(watch.findings.all())


def test_last_second_of_the_calendar_does_not_silence_the_witness(watch, log, clock):
    far = "9999-12-31T23:59:59+00:00"
    log.entries += [told := announcement(log, closes_at=far, beacon=drand()), other := announcement(log, reference="b")]
    close, end = drawn(log, other, {"reference": "b", "closed_at": far}, {"reference": "b", "at": far})
    found = follow(watch, clock, log, lambda: statement(log, told, closed_at=far), close, end)
    assert {("statement_differs", "round"), ("clock_ahead", None)} <= set(found)


def test_draw_given_up_before_its_round_is_a_notice_alone(watch, log, clock):
    log.entries += [told := announcement(log, beacon=drand())]
    given_up = {"reference": "2026-03-02", "reason": "a flood", "at": (CLOSES + timedelta(minutes=2)).isoformat()}
    assert follow(watch, clock, log, lambda: statement(log, told), lambda: write_entry("abandoned", given_up)) == []
