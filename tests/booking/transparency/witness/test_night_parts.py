"""Witnesses give their parts for a night of the exchange: for what was fixed first, and for nothing else."""

from datetime import timedelta
from hashlib import sha256

import pytest

from booking.platform.base.clock import SettableClock
from booking.transparency.beacons.parts import combine
from booking.transparency.beacons.terms import check, write_terms
from booking.transparency.beacons.values import statement_message, value_of
from booking.transparency.witness.asked import sign_round
from booking.transparency.witness.errors import RefusedError
from booking.transparency.witness.folder import Log
from booking.transparency.witness.group import Member
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import CLOSES, OPENS, FakeLog, receipts
from tests.booking.transparency.witness.a_night import announced, done, given_up, of_nights, stated
from tests.booking.transparency.witness.groups import a_group, parts_brought, proven


@pytest.fixture
def clock():
    return SettableClock(OPENS)


@pytest.fixture
def log():
    return FakeLog(receipts(0, 3))


@pytest.fixture
def watches(tmp_path, log, clock):
    folders = a_group(tmp_path, 2)
    for folder in folders:
        folder.pin(Log("https://mawid.example/log", log.key))
    return [Watch(folder, log, clock) for folder in folders]


@pytest.fixture
def told(watches, log):
    """The announcement of a night that the group decides, which all have seen."""
    log.entries += [announced(log, beacon=write_terms(Member.of(watches[0].folder).group.terms))]
    look(watches)
    return log.entries[-1]


def look(watches):
    for _ in range(2):  # each signs what it sees, and then gives its part for what all signed
        for watch in watches:
            watch.look()


def test_a_group_makes_the_value_of_a_night_once_it_is_closed(watches, log, clock, told):
    closed = stated(told)
    log.entries.append(closed)
    look(watches)
    assert parts_brought(log) == []  # by the witnesses' own clocks it is not over
    clock.set(CLOSES + timedelta(minutes=1))
    look(watches)
    parts, digest = parts_brought(log), sha256(closed).digest()
    assert {(one["kind"], one["sha256"]) for one in parts} == {("statement", digest.hex())}
    group = Member.of(watches[0].folder).group
    by_index = {one["index"]: bytes.fromhex(one["signature"]) for one in parts}
    value = combine(group, statement_message(digest), {index: by_index[index] for index in (1, 3)})
    check(write_terms(group.terms), digest, value)
    log.entries.append(done(closed, beacon={"signature": value.hex(), "value": value_of(value).hex()}))
    look(watches)
    assert [of_nights(watch.findings.all()) for watch in watches] == [[]] * 3
    with pytest.raises(RefusedError, match="nothing is decided"):
        sign_round(watches[0], proven(log, len(log.entries) - 1))


def test_a_second_closing_one_that_was_changed_and_one_given_up_get_no_part(watches, log, clock, told):
    clock.set(CLOSES + timedelta(minutes=1))
    log.entries += [stated(told, seed_commitment="c" * 64)]
    look(watches)
    log.entries += [stated(told)]
    look(watches)
    other = announced(log, reference="x-2", beacon=write_terms(Member.of(watches[0].folder).group.terms))
    log.entries += [given_up(CLOSES), other, stated(other), given_up(CLOSES, "x-2")]
    look(watches)
    assert parts_brought(log) == []
    for index in (4, 5, 8):
        with pytest.raises(RefusedError):
            sign_round(watches[0], proven(log, index))
