from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from allocation.lottery import inclusion_proof, merkle_root, merkle_tree
from allocation.merkle import inclusion_runs
from booking.antifraud.gate.versions import publish_limits
from booking.platform.base.errors import LoggedOtherwiseError
from booking.platform.models import (
    AuditEntry,
    LogCheckpoint,
    LogEntry,
    LogPending,
    LogTile,
    QuotaPolicy,
    RuleSetVersion,
)
from booking.transparency.log import log
from booking.transparency.log.audit_heads import log_audit_head
from booking.transparency.log.checkpoints import Checkpoint, read_checkpoint
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import append_in, log_keys, sequence
from booking.transparency.log.nodes import DamagedLogError, Nodes
from booking.transparency.log.notes import NoteError
from booking.transparency.log.views import quota_sha256, rules_sha256
from tests.support.roles import past_the_roles
from tests.support.waiting import PATIENCE

FINAL = {"log_entry": "body", "log_pending": "body", "log_checkpoint": "note"}
AT = "2026-11-27T20:00:00+00:00"


def say(core, *numbers, at=AT):
    with core.sessions.begin() as session:
        for number in numbers:
            append_in(session, "audit", {"entries": number, "hash": f"{number:064x}", "at": at}, str(number))


def entries_of(core):
    with core.sessions() as session:
        return session.scalars(select(LogEntry).order_by(LogEntry.index)).all()


def test_entries_are_in_order_and_signed_once(core):
    say(core, 1, 2, 3)
    first = sequence(core)
    root = merkle_root([entry.body for entry in entries_of(core)])

    assert first == sequence(core) == Checkpoint("localhost:8000/log", 3, root)
    assert [entry.key for entry in entries_of(core)] == ["1", "2", "3"]
    with core.sessions() as session:
        (kept,) = session.scalars(select(LogCheckpoint)).all()
        assert session.scalars(select(LogPending)).all() == []
    assert read_checkpoint(kept.note.encode(), log_keys(core))[0] == first


def test_an_empty_log_is_signed_too(core):
    assert sequence(core) == Checkpoint("localhost:8000/log", 0, merkle_root([]))


def test_a_row_committed_late_is_moved_later_and_none_is_lost_or_moved_twice(core):
    with core.sessions() as late:
        append_in(late, "audit", {"entries": 1, "hash": "0" * 64, "at": AT}, "1")
        say(core, 2)
        sequence(core)
        late.commit()
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(say, core, *range(10 * start, 10 * start + 10)) for start in range(1, 9)]
        work += [pool.submit(sequence, core) for _ in range(4)]
        for one in work:
            one.result(PATIENCE)
    size = sequence(core).size

    keys = [entry.key for entry in entries_of(core)]
    assert keys[:2] == ["2", "1"]
    assert sorted(map(int, keys)) == [1, 2, *range(10, 90)]
    assert [entry.index for entry in entries_of(core)] == list(range(size))


def test_what_was_said_is_said_once_and_never_otherwise(core):
    say(core, 1)
    say(core, 1)
    with pytest.raises(LoggedOtherwiseError):
        say(core, 1, at="2026-11-27T21:00:00+00:00")
    sequence(core)
    say(core, 1)
    with pytest.raises(LoggedOtherwiseError):
        say(core, 1, at="2026-11-27T21:00:00+00:00")
    assert sequence(core).size == 1


def test_what_is_no_entry_is_not_appended(core):
    with core.sessions.begin() as session, pytest.raises(NoteError, match="hash is not 64"):
        append_in(session, "audit", {"entries": 1, "hash": "0", "at": AT}, "1")
    # nor past the code, by the role that works: the bundle with it could never be served again
    too_long = text("INSERT INTO log_pending (kind, key, body) VALUES ('audit', 'long', :body)")
    with core.sessions() as session, pytest.raises(DatabaseError, match="ck_log_pending_short"):
        session.execute(too_long, {"body": bytes(65_536)})


def test_the_database_lets_nobody_change_the_log_or_what_waits_for_it(core):
    say(core, 1)
    sequence(core)
    say(core, 2)
    ways = ("UPDATE {} SET {} = ''", "DELETE FROM {}", "TRUNCATE TABLE {}")
    changes = [way.format(*names) for way in ways for names in FINAL.items()]
    with past_the_roles(core) as session:
        for change in changes:
            with pytest.raises(DatabaseError, match=r"only grows|only into it|foreign key"), session.begin_nested():
                session.execute(text(change))


@pytest.mark.parametrize("change", ["DELETE FROM log_entry WHERE index = 1", "UPDATE log_entry SET body = 'x'"])
def test_a_log_that_was_changed_past_the_triggers_signs_nothing_more(core, change):
    say(core, 1, 2)
    sequence(core)
    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE log_entry DISABLE TRIGGER USER"))
        session.execute(text(change))
    say(core, 3, 4)
    with pytest.raises(DamagedLogError):
        sequence(core)


def test_tiles_of_a_large_log_give_the_same_root_and_proofs(core, monkeypatch):
    monkeypatch.setattr(log, "BATCH", 200)
    with core.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO log_pending (kind, key, body)"
                " SELECT 'receipt', n, convert_to(n::text, 'UTF8') FROM generate_series(0, 599) n"
            )
        )
    sequence(core)
    bodies = [entry.body for entry in entries_of(core)]
    with core.sessions() as session:
        nodes, tree = Nodes(session), merkle_tree(bodies)
        assert session.execute(select(LogTile.level, LogTile.index).order_by(LogTile.index)).all() == [(0, 0), (0, 1)]
        for size in (1, 255, 256, 257, 512, 600):
            assert nodes.root(size) == merkle_root(bodies[:size])
        for index in (0, 300, 599):
            assert nodes.hashes_of(inclusion_runs(index, 600)) == inclusion_proof(tree, index)


def test_the_audit_logs_head_is_said_when_it_moved_or_was_written_anew(country):
    log_audit_head(country)
    log_audit_head(country)
    sequence(country)
    log_audit_head(country)
    with country.sessions.begin() as session:
        head = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert [read_entry(one.body)["entries"] for one in said(country, "audit")] == [head.sequence]
    with past_the_roles(country) as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text("DELETE FROM audit_entry WHERE sequence = :last"), {"last": head.sequence})
    log_audit_head(country)
    sequence(country)
    assert [read_entry(one.body)["entries"] for one in said(country, "audit")] == [head.sequence, head.sequence - 1]


def test_versions_stand_in_the_log_by_the_hash_of_what_decides(country):
    sequence(country)
    with country.sessions() as session:
        policy = session.scalars(select(QuotaPolicy).where(QuotaPolicy.active)).one()
        rules = session.scalars(select(RuleSetVersion).where(RuleSetVersion.active)).one()
    entries = [read_entry(one.body) for one in said(country, "version")]
    found = {(entry["kind"], entry["version"]): entry["sha256"] for entry in entries}
    assert found["quota", policy.version] == quota_sha256(policy)
    assert found["rules", rules.version] == rules_sha256(rules)
    publish_limits(country, changes={"draw_hour": 19})
    sequence(country)
    assert read_entry(said(country, "version")[-1].body)["version"] == policy.version + 1


def said(core, kind):
    with core.sessions() as session:
        return session.scalars(select(LogEntry).where(LogEntry.kind == kind).order_by(LogEntry.index)).all()
