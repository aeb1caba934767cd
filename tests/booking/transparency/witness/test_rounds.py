"""Three witnesses make a group by files, and give their parts for one statement of each draw and no other."""

import json
import shutil
from datetime import timedelta
from hashlib import sha256

import pytest

from booking.platform.base.clock import SettableClock
from booking.platform.base.exact_json import one_line
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.parts import combine, sign_part
from booking.transparency.beacons.terms import check, write_terms
from booking.transparency.beacons.values import statement_message
from booking.transparency.witness.asked import sign_round
from booking.transparency.witness.cosigning import UnsignedError
from booking.transparency.witness.errors import NotYetError, RefusedError, WitnessError
from booking.transparency.witness.folder import Folder, Log
from booking.transparency.witness.group import Member, accept_deals, assemble_group, deal
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import CLOSES, OPENS, FakeLog, announcement, receipts, result, statement
from tests.booking.transparency.witness.groups import a_group, parts_brought, proven

NAMES = ("a.example", "b.example", "c.example")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return a_group(tmp_path_factory.mktemp("group"), 2)


@pytest.fixture
def clock():
    return SettableClock(OPENS)


@pytest.fixture
def log(folders):
    made = FakeLog(receipts(0, 3))
    made.entries += [announcement(made, beacon=write_terms(Member.of(folders[0]).group.terms))]
    made.entries += receipts(3, 3)
    return made


@pytest.fixture
def watches(folders, log, clock):
    for folder in folders:
        (folder.path / "rounds.json").unlink(missing_ok=True)
        for name in ("checkpoint", "looks.txt", "mirror/checkpoint"):
            (folder.path / name).unlink(missing_ok=True)
        shutil.rmtree(folder.path / "evidence", ignore_errors=True)
        folder.pin(Log("https://mawid.example/log", log.key))
    return [Watch(folder, log, clock) for folder in folders]


def close(log, clock, **other):
    clock.set(CLOSES + timedelta(minutes=1))
    log.entries += [statement(log, log.entries[3], **other)]
    return log.entries[-1]


def seen_by_all(watches):
    """Each looks, and brings its signature: what nobody has seen yet, nobody signs a part for."""
    assert [watch.look() for watch in watches] == [[] for _ in watches]


def test_any_two_of_three_make_the_same_value_and_bring_it_themselves(watches, log, clock):
    closed = close(log, clock)
    seen_by_all(watches)
    seen_by_all(watches)
    parts = sorted(parts_brought(log), key=lambda one: one["index"])
    assert [one["index"] for one in parts] == [1, 2, 3]
    group = Member.of(watches[0].folder).group
    digest = bytes.fromhex(parts[0]["sha256"])
    by_index = {one["index"]: bytes.fromhex(one["signature"]) for one in parts}
    values = {
        combine(group, statement_message(digest), {index: by_index[index] for index in pair})
        for pair in ((1, 2), (2, 3), (1, 3))
    }
    (signature,) = values
    check(write_terms(group.terms), digest, signature)
    assert sign_round(watches[0], proven(log, len(log.entries) - 1)) == one_line(parts[0])
    log.entries += [result(closed, beacon={"signature": signature.hex(), "value": sha256(signature).hexdigest()})]
    seen_by_all(watches)
    assert watches[0].look() == []
    assert parts_brought(log)[-1]["kind"] == "audit"


def test_draw_with_a_value_of_somebody_else_gets_no_part(watches, log, clock):
    closed = close(log, clock)
    log.entries += [result(closed)]
    watch = watches[1]
    found = watch.look()
    assert [(one.kind, one.values["what"]) for one in found] == [("result_differs", "signature")]
    assert parts_brought(log) == []


def test_a_part_for_a_result_is_given_once_it_was_seen_and_checked(watches, log, clock, folders):
    closed = close(log, clock)
    watch, group = watches[0], Member.of(folders[0]).group
    digest = sha256(closed).digest()
    parts = {n: sign_part(Member.of(one).share, statement_message(digest)) for n, one in enumerate(folders[:2], 1)}
    value = combine(group, statement_message(digest), parts)
    right = {"beacon": {"signature": value.hex(), "value": sha256(value).hexdigest()}}
    shown = FakeLog([*log.entries, result(closed, **right)])
    with pytest.raises(NotYetError, match="not seen"):
        sign_round(watch, proven(shown, 8))
    log.entries += [result(closed, **right)]
    seen_by_all(watches)
    seen_by_all(watches)

    part = json.loads(sign_round(watch, proven(log, 8)))

    assert (part["kind"], part["sha256"]) == ("audit", sha256(log.entries[8]).hexdigest())
    log.entries += [result(closed, **right, served_people=3)]
    with pytest.raises(RefusedError, match="first"):
        sign_round(watch, proven(log, 9))
    shown.entries[8] = result(closed, **right, places_root="6" * 64)
    for name in ("checkpoint", "looks.txt", "mirror/checkpoint"):
        (folders[0].path / name).unlink()
    with pytest.raises(RefusedError, match="another audit"):
        sign_round(Watch(folders[0], shown, clock), proven(shown, 8))


def test_second_statement_of_a_draw_gets_no_part(watches, log, clock):
    watch = watches[0]
    close(log, clock)
    seen_by_all(watches)
    first = sign_round(watch, proven(log, 7))
    log.entries += [statement(log, log.entries[3], solver_seconds=11)]
    with pytest.raises(RefusedError, match="first"):
        sign_round(watch, proven(log, 8))
    assert [one.values["what"] for one in watch.findings.all() if one.kind == "second"].count("statement") == 1
    with pytest.raises(RefusedError, match="contradiction"):
        sign_round(watch, proven(log, 7))
    assert json.loads(first)["index"] == 1


def test_other_history_gets_no_part_even_from_a_witness_that_forgot_its_mirror(watches, log, clock, folders):
    close(log, clock)
    seen_by_all(watches)
    sign_round(watches[0], proven(log, 7))
    other = FakeLog(log.entries[:7])
    other.entries += [statement(other, log.entries[3], solver_seconds=11)]
    with pytest.raises(RefusedError, match="another history"):
        sign_round(watches[0], proven(other, 7))
    for name in ("checkpoint", "looks.txt", "mirror/checkpoint"):
        (folders[0].path / name).unlink()
    with pytest.raises(RefusedError, match="another statement"):
        sign_round(Watch(folders[0], other, clock), proven(other, 7))
    assert "second_round" in {one.kind for one in watches[0].findings.all()}


def test_no_part_before_the_window_is_over_or_without_a_proof(watches, log, clock):
    close(log, clock)
    clock.set(CLOSES - timedelta(seconds=1))
    with pytest.raises(NotYetError):
        sign_round(watches[2], proven(log, 7))
    clock.set(CLOSES)
    with pytest.raises(UnsignedError):
        sign_round(watches[2], proven(log, 7).replace(b"index 7", b"index 6"))
    with pytest.raises(RefusedError):
        sign_round(watches[2], proven(log, 0))
    late = FakeLog([*log.entries, *receipts(50, 9)])
    late.entries += [statement(late, log.entries[3])]
    with pytest.raises(NotYetError, match="not seen"):
        sign_round(watches[2], proven(late, 17))


def test_dealing_twice_and_lies_are_refused_and_named(tmp_path):
    folders = [Folder.new(tmp_path / name, name) for name in NAMES]
    identities = [(one.path / "identity.json").read_bytes() for one in folders]
    deals = [deal(one, identities, 2).read_bytes() for one in folders]
    with pytest.raises(WitnessError, match="dealt before"):
        deal(folders[0], identities, 3)
    with pytest.raises(BeaconError, match=r"c\.example"):
        accept_deals(folders[0], deals[:2])
    with pytest.raises(WitnessError, match="not accepted"):
        assemble_group(folders[0], [])
    with pytest.raises(BeaconError, match=r"b\.example"):
        accept_deals(folders[0], [deals[0], deals[1][:-200] + deals[1][-199:], deals[2]])
