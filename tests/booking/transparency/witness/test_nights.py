"""Nights of the exchange that contradict themselves: what the witness calls it, and that an honest one is none."""

from datetime import timedelta
from pathlib import Path

import pytest

from booking.platform.base.clock import SettableClock
from booking.transparency.witness.folder import Folder
from tests.booking.transparency.witness.a_log import CLOSES, OPENS, WITNESSES, FakeLog, a_watch, drand, receipts
from tests.booking.transparency.witness.a_night import HASH, NIGHT, announced, done, given_up, of_nights, stated


@pytest.fixture
def log():
    return FakeLog(receipts(0, 3))


@pytest.fixture
def clock():
    return SettableClock(OPENS)


@pytest.fixture
def watch(tmp_path: Path, log: FakeLog, clock: SettableClock):
    watch = a_watch(Folder.new(tmp_path / "w", "gazette.example"), log, clock)
    watch.look()
    return watch


def found(watch, log, clock, *later, told):
    """Let a night be announced, and the log grow by an entry a minute after the closing; return what was found."""
    log.entries.append(told)
    watch.look()
    clock.set(CLOSES)
    watch.look()
    clock.advance(timedelta(minutes=1))
    for entry in later:
        log.entries.append(entry)
        watch.look()
        clock.advance(timedelta(seconds=30))
    return [(one.kind, one.values.get("what")) for one in of_nights(watch.findings.all()) if not one.notice]


def test_an_honest_night_is_no_finding_and_the_next_one_may_follow(watch, log, clock):
    told = announced(log)
    later = announced(log, reference="x-2", closes_at=(CLOSES + timedelta(days=1)).isoformat())
    assert found(watch, log, clock, stated(told), done(stated(told)), later, told=told) == []


@pytest.mark.parametrize(
    ("closing", "ending", "what"),
    [
        ({"seed_commitment": HASH}, {}, ("night_differs", "seed_commitment")),
        ({"beacon": WITNESSES | {"need": 1}}, {}, ("night_differs", "beacon")),
        ({"closes_at": (CLOSES - timedelta(hours=1)).isoformat()}, {}, ("night_differs", "closes_at")),
        ({"closed_at": (CLOSES - timedelta(hours=1)).isoformat()}, {}, ("night_differs", "closed_at")),
        ({}, {"statement": HASH}, ("night_result_differs", "statement_hash")),
        ({}, {"beacon": {"signature": "b" * 96, "value": HASH}}, ("night_result_differs", "signature")),
        ({}, {"seed": HASH}, ("night_result_differs", "seed")),
        ({}, {"moved": 4}, ("night_result_differs", "moved")),
        ({}, {"at": (CLOSES - timedelta(minutes=1)).isoformat()}, ("night_result_differs", "early")),
    ],
)
def test_a_night_that_departs_from_what_was_fixed_is_named(watch, log, clock, closing, ending, what):
    told = announced(log)
    closed = stated(told, **closing)
    assert what in found(watch, log, clock, closed, done(closed, **ending), told=told)


def test_another_round_than_the_one_due_is_named_and_a_late_statement_too(watch, log, clock):
    beacon = drand()
    told = announced(log, beacon=beacon | {"round": beacon["round"] + 1_000})
    assert ("night_differs", "round") in found(watch, log, clock, stated(told), told=told)
    other = announced(log, reference="x-2", beacon=beacon)
    clock.advance(timedelta(minutes=30))
    watch.look()
    log.entries += [given_up(CLOSES), other, stated(other)]
    assert ("night_late", "x-2") in [(one.kind, one.values["night"]) for one in of_nights(watch.look())]


def test_a_second_entry_and_one_after_the_end_are_named(watch, log, clock):
    told = announced(log)
    closed = stated(told)
    more = [stated(told, holders=4), done(closed), done(closed, moved=1), given_up(CLOSES + timedelta(minutes=9))]
    assert sorted(found(watch, log, clock, closed, *more, told=told)) == [
        ("night_given_up_knowing", None),
        ("night_over", "exchange_abandoned"),
        ("night_second", "exchange_result"),
        ("night_second", "exchange_statement"),
    ]


def test_what_is_decided_without_having_been_announced_or_fixed_is_named(watch, log):
    told = announced(log)
    log.entries += [stated(told), told, done(stated(told, reference="x-2"), reference="x-2")]
    assert [one.values["what"] for one in of_nights(watch.look())] == ["exchange_announcement"] * 2


def test_of_two_open_nights_somebody_could_decide_the_one_that_they_like(watch, log):
    log.entries += [announced(log), announced(log, reference="x-2")]
    (one,) = of_nights(watch.look())
    assert (one.kind, one.values["other"], len(watch.findings.files(one))) == ("night_competing", NIGHT, 3)


def test_a_night_given_up_before_its_value_is_a_notice_and_after_it_a_finding(watch, log):
    log.entries += [announced(log), given_up(CLOSES)]
    assert [(one.kind, one.notice) for one in of_nights(watch.look())] == [("night_given_up", True)]
    log.entries += [told := announced(log, reference="x-2"), stated(told), given_up(CLOSES, "x-2")]
    assert [(one.kind, one.notice) for one in of_nights(watch.look())] == [("night_given_up_knowing", False)]


@pytest.mark.parametrize(("names", "told"), [(["a.example"], ["night_alone"]), (["a.example", "b.example"], [])])
def test_one_witness_alone_is_told_of_as_for_draws(watch, log, names, told):
    log.entries.append(announced(log, beacon=WITNESSES | {"need": 1, "of": names}))
    assert [one.kind for one in of_nights(watch.look())] == told


def test_a_night_that_is_never_decided_is_named_after_a_day(watch, log, clock):
    log.entries += [told := announced(log), stated(told)]
    watch.look()
    clock.set(CLOSES + timedelta(hours=23))
    assert of_nights(watch.look()) == []
    clock.advance(timedelta(hours=1))
    assert [(one.kind, one.values["night"]) for one in of_nights(watch.look())] == [("night_undecided", NIGHT)]


def test_a_value_for_which_nobody_outside_vouches_is_said_once(watch, log):
    alone = WITNESSES | {"need": 1, "of": ["this-installation"]}
    log.entries += [announced(log, beacon=alone), given_up(CLOSES), announced(log, beacon=alone, reference="x-2")]
    kinds = [one.kind for one in watch.look()]
    assert kinds.count("night_alone") == 1
    assert all(one.sentence(language) for one in watch.findings.all() for language in ("ar", "en"))
