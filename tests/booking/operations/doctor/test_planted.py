"""Faults that are planted in a country's data, rights and files: each is found by its own check, and named."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from booking.operations.doctor.findings import State
from booking.transparency.log.log import sequence
from tests.support.country import START, a_request
from tests.support.roles import past_the_roles

PLANTED = {
    "oversold": """
        ALTER TABLE slot_pool DROP CONSTRAINT ck_slot_pool_not_oversold;
        UPDATE slot_pool SET taken = places + 1 WHERE ctid = (SELECT ctid FROM slot_pool LIMIT 1);
    """,
    "live appointment of a request that is over, without a place": """
        UPDATE request SET state = 'withdrawn' WHERE id = (SELECT id FROM request ORDER BY id LIMIT 1);
        INSERT INTO appointment (
            id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by, created_at
        ) SELECT gen_random_uuid(), 'PLANTED', r.id, o.id, 'confirmed', now(), now(), now(), now()
        FROM request r, office o WHERE r.state = 'withdrawn' LIMIT 1;
    """,
    "request of nobody": """
        DELETE FROM request_member WHERE request_id = (SELECT id FROM request WHERE state <> 'withdrawn' LIMIT 1);
    """,
    "orphan": """
        INSERT INTO appointment_places (appointment_id, slot_id, pool, places)
        SELECT gen_random_uuid(), min(id), 'draw', 1 FROM slot;
    """,
    "orphans of what triggers hold": """
        INSERT INTO message (id, account_id, kind, values, created_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'request_drawn', '{}', now());
        INSERT INTO draw_entry (request_id, draw_id, leaf_index, person_draw_id, priority, explanation)
        SELECT id, gen_random_uuid(), 0, '', 0, '{}' FROM request LIMIT 1;
        INSERT INTO draw_turn (draw_id, row, request_id, receipt, reason, priority, gained, credited)
        SELECT gen_random_uuid(), 0, id, '', 'register', 1, 1, 1 FROM request LIMIT 1;
    """,
    "draw past the log": """
        INSERT INTO log_entry (index, kind, key, body, at)
        SELECT max(index) + 1, 'announcement', 'planted', '', now() FROM log_entry;
        INSERT INTO draw (
            id, reference, state, opens_at, closes_at, horizon_first, horizon_last, confirm_seconds, format,
            seed_commitment, seed_ciphertext, figures, announced_at, reason
        ) VALUES (
            gen_random_uuid(), 'planted', 'abandoned', now(), now() + interval '1 hour', now(), now(), 1, 1,
            '', '', '{}', now(), 'planted'
        );
    """,
    "damaged night": """
        INSERT INTO swap_night (
            id, reference, state, announced_at, closes_at, closed_at, seed_commitment, seed_ciphertext, beacon,
            waits_for, places, figures
        ) VALUES (
            gen_random_uuid(), 'x-planted', 'closed', now(), now(), now(), '', '', '{}', 'damaged_rows', '{}', '{}'
        );
    """,
    "time that nobody reads": """
        ALTER TABLE swap_night DROP CONSTRAINT ck_swap_night_real_times;
        INSERT INTO swap_night (
            id, reference, state, announced_at, closes_at, closed_at, done_at, seed_commitment, seed_ciphertext, seed,
            beacon, places, figures
        ) VALUES (
            gen_random_uuid(), 'x-infinite', 'done', now(), now(), now(), 'infinity', '', '', '', '{}', '{}', '{}'
        );
        ALTER TABLE swap_entry DROP CONSTRAINT ck_swap_entry_real_times;
        INSERT INTO swap_entry (night_id, units, number, appointment_id, person_draw_id, places, from_office_id,
            from_starts_at)
        SELECT n.id, 1, 0, a.id, '', '[]', a.office_id, 'infinity' FROM swap_night n, appointment a
        WHERE n.reference = 'x-infinite' LIMIT 1;
    """,
    "audit log": "UPDATE audit_entry SET actor = 'somebody else' WHERE sequence = 1",
    "public log": "UPDATE log_entry SET body = body || '\\x20' WHERE index = 0",
    "guards off": "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "guard missing": "DROP TRIGGER log_entry_rows ON log_entry",
    "index missing": "DROP INDEX ix_message_waiting",
    "index not finished": "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_slot_day'::regclass",
    "constraint not checked": "ALTER TABLE holiday ADD CONSTRAINT later CHECK (id > 0) NOT VALID",
    "too many rights": "GRANT UPDATE ON audit_entry TO mawid_app; GRANT SELECT ON person TO mawid_reader",
    "more rights": "GRANT INSERT ON office TO mawid_reader; REVOKE SELECT ON slot FROM mawid_reader",
    "too few rights": "REVOKE INSERT ON request FROM mawid_app",
    "country": "UPDATE office SET code = 'elsewhere-' || code",
    "stuck job": "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) "
    "VALUES ('default', 'replay', 0, '{}', 'doing')",
    "poisoned job": """
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status)
        VALUES ('default', 'study', -3, '{}', 'failed');
        INSERT INTO procrastinate_events (job_id, type, at)
        SELECT id, 'failed', now() FROM procrastinate_jobs WHERE task_name = 'study';
    """,
    "dead notice": "UPDATE message SET state = 'dead' WHERE id = (SELECT id FROM message LIMIT 1)",
    "log that is held": "INSERT INTO log_hold (since) VALUES (now())",
    "copy without its files": """
        INSERT INTO account_copy (id, account_id, language, asked_at, made_at, parts, size)
        SELECT gen_random_uuid(), id, 'ar', now(), now(), 2, 9 FROM account LIMIT 1;
    """,
}
FOUND = {
    "places": ["1 pools of slots are oversold", "pools of slots count other places as taken"],
    "lives of requests": [
        "1 appointments that are live, of requests that are over",
        "1 live appointments without a place",
        "1 nights of the exchange with a time that cannot be read",
        "1 parts in nights of the exchange with a time that cannot be read",
        "1 requests of nobody",
    ],
    "rows without their owner": [
        "1 rows of appointment_places name a row of appointment that is not there",
        "1 rows of message name a row of account that is not there",
        "1 rows of draw_entry name a row of draw that is not there",
        "1 rows of draw_turn name a row of draw that is not there",
    ],
    "draws": [
        "night x-planted of the exchange is held up (damaged_rows)",
        "draw planted says that it is of format 1",
        "no draw is announced",
    ],
    "audit log": ["the audit log was changed: entry 1 "],
    "public log": ["entries of the public log are not those that were signed"],
    "guards and indexes": [
        "4 columns, constraints or indexes are missing: ck_slot_pool_not_oversold, ck_swap_entry_real_times, ",
        "1 guards are missing: log_entry:log_entry_rows",
        "guards of audit_entry are switched off",
        "ix_slot_day is an index that was never finished",
        "later was never checked",
    ],
    "rights": [
        "may not use 1 tables: request",
        "works may rewrite audit_entry",
        "sees more than it should, in person",
        "may not read slot",
        "analysts may change office",
    ],
    "country": ["no office of the database is one of the country syria"],
    "worker and jobs": [
        "no worker gives a sign of life",
        "1 × replay is said to run, and its worker is dead",
        "1 × study killed its worker 3 times",
        "1 × study failed",
    ],
    "queues": ["1 notices were given up", "the public log waits for what it lacks"],
    "files": [
        "1 files in {evidence} belong to no row",
        "1 files in {evidence} can be read by others",
        "2 files that rows name are not in {evidence}/copies",
    ],
}


@pytest.fixture
def _planted(country):
    """Plant all faults, past all guards and keys."""
    for _ in range(2):
        a_request(country)
    sequence(country)
    with past_the_roles(country) as session:
        session.execute(text("SET session_replication_role = replica"))
        connection = session.connection().connection.driver_connection
        for statement in PLANTED.values():
            connection.execute(statement)


@pytest.mark.usefixtures("_planted")
def test_each_planted_fault_is_found_and_named(examined, tmp_path):
    file = tmp_path / "aa" / f"aa{uuid4().hex[2:]}-0"
    file.parent.mkdir()
    file.touch(mode=0o644)
    os.utime(file, ((START - timedelta(days=9)).timestamp(),) * 2)

    looked = examined(evidence_dir=tmp_path)

    for check, words in FOUND.items():
        said = [one.words for one in looked[check].findings]
        for expected in words:
            wanted = expected.format(evidence=tmp_path)
            assert any(wanted in one for one in said), (check, wanted, said)
        assert len(said) == len(words), (check, said)
        assert all(one.remedy for one in looked[check].findings)
    assert looked["schema"].state is State.WELL
