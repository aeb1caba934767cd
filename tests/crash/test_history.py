"""The checker of a history finds each fault that is planted in what is kept, and none where there is none."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import make_url

from benchmarks.troubled.history import Entry, History, faults_in, read_history
from booking.desk.counter.arrive import check_in
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.embedded.postgres import SUPERUSER
from booking.platform.models.states import Role
from booking.scheduling.appointments.attend import serve
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.withdraw import withdraw
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.claim import claim
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import START, a_colleague, a_request, cheap_settings
from tests.support.online_cases import INSURANCE, with_agency
from tests.support.roles import as_app, as_role
from tests.support.urgent_cases import APPROVE, a_quick_case_with_officers
from tests.support.workers import valkey_database

COPIED = """
    DROP INDEX uq_appointment_live_request;
    INSERT INTO appointment (
        id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by, created_at, confirmed_at
    ) SELECT gen_random_uuid(), 'TWICE', request_id, office_id, state, starts_at, ends_at, confirm_by, created_at,
        confirmed_at FROM appointment WHERE reference = %(confirm)s
"""
PLANTED = {
    "a request is deleted": ("DELETE FROM request WHERE reference = %(ask)s", "lost: request"),
    "a withdrawal is forgotten": ("UPDATE request SET state = 'accepted' WHERE reference = %(withdraw)s", "lost"),
    "a request is there twice": (
        """CREATE TEMP TABLE again AS SELECT * FROM request WHERE reference = %(ask)s;
        ALTER TABLE again DROP COLUMN queue;
        UPDATE again SET id = gen_random_uuid(), reference = 'TWICE', receipt = 'x';
        DO $$ BEGIN EXECUTE format('INSERT INTO request (%s) SELECT * FROM again', (
            SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = 'again'::regclass AND attnum > 0 AND NOT attisdropped)); END $$""",
        "twice: account",
    ),
    "a held place is deleted": ("DELETE FROM appointment WHERE reference = %(hold)s", "lost: appointment"),
    "a confirmation is forgotten": (
        "UPDATE appointment SET state = 'offered' WHERE reference = %(confirm)s",
        "was told",
    ),
    "a confirmation is doubled": (COPIED, "two live appointments"),
    "a cancellation is forgotten": ("UPDATE appointment SET state = 'confirmed' WHERE reference = %(cancel)s", "told"),
    "a service is forgotten": ("UPDATE appointment SET state = 'checked_in' WHERE reference = %(serve)s", "told serve"),
    "a check-in is not on record": (
        "DELETE FROM audit_entry WHERE action = 'appointment.checked_in'",
        "0 times in the audit log",
    ),
    "an approval is on record twice": (
        """CREATE TEMP TABLE again AS SELECT * FROM audit_entry WHERE action = 'urgent.approval';
        UPDATE again SET sequence = sequence + 1000, hash = 'x';
        INSERT INTO audit_entry SELECT * FROM again""",
        "2 times in the audit log",
    ),
    "an urgent case is deleted": ("DELETE FROM urgent_request WHERE reference = %(approve)s", "lost: urgent"),
    "an approval has no appointment": ("UPDATE appointment SET urgent_request_id = NULL", "has 0 appointments"),
    "a slot is oversold": (
        """UPDATE appointment_places SET places = places + 500
        WHERE appointment_id = (SELECT id FROM appointment WHERE reference = %(confirm)s)""",
        "oversold",
    ),
    "a place is not counted": ("UPDATE slot_pool SET taken = taken - 1 WHERE taken > 0", "unbalanced"),
    "a case is deleted": ("DELETE FROM online_case WHERE reference = %(pay)s", "lost: case"),
    "a payment is forgotten": ("UPDATE payment SET state = 'created'", "has 0 payments"),
    "a result is issued twice": (
        """ALTER TABLE issued_result DROP CONSTRAINT uq_issued_result_case_id;
        CREATE TEMP TABLE again AS SELECT * FROM issued_result;
        UPDATE again SET id = gen_random_uuid(), number = 'TWICE', thing = NULL;
        INSERT INTO issued_result SELECT * FROM again""",
        "2 results",
    ),
}


@pytest.fixture(scope="module")
def lived(new_country, _databases, _servers) -> Iterator[tuple[list[Entry], str]]:
    """What some people did and were told, one of each kind, and the database that keeps it."""
    redis_url = f"{_servers[1].url}?db={valkey_database()}"
    for url in _databases.until_dropped(new_country()):
        clock = SettableClock(START)
        with (
            TemporaryDirectory() as folder,
            open_core(cheap_settings(), database_url=as_app(url), redis_url=redis_url, clock=clock) as core,
        ):
            file = Path(folder) / "history"
            history = History(file)
            live(core, history)
            history.close()
            yield read_history(file), make_url(as_role(url, SUPERUSER)).set(drivername="postgresql")


def live(core, history):
    """Do one thing of each kind, as a client would tell it."""
    for kind in ("ask", "withdraw"):
        account, asked = a_request(core)
        history.tried("ask", str(account), account=str(account))
        history.told("ask", str(account), reference=asked.reference)
        if kind == "withdraw":
            withdraw(core, account_id=account, reference=asked.reference)
            history.told("withdraw", asked.reference)
    visits = {}
    for kind in ("hold", "confirm", "cancel", "serve"):
        visits[kind] = visit = a_visit(core, confirmed=kind != "hold")
        history.tried("hold", kind, account=str(visit.account_id))
        history.told("hold", kind, reference=visit.reference)
        if kind != "hold":
            history.tried("confirm", visit.reference)
            history.told("confirm", visit.reference)
    cancel(core, account_id=visits["cancel"].account_id, reference=visits["cancel"].reference)
    history.told("cancel", visits["cancel"].reference)
    case = a_quick_case_with_officers(core)
    history.tried("ask", "urgent", account=str(case.account))
    history.told("urgent", case.reference)
    officer = a_colleague(core, Role.OFFICER, office="damascus")
    claim(core, officer_id=officer, reference=case.reference)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    history.told("approve", case.reference)
    bought = with_agency(core, INSURANCE)
    history.told("begin", bought.reference)
    history.told("pay", bought.reference)
    core.clock.set(visits["serve"].starts_at)
    clerk = a_clerk(core)
    check_in(core, officer_id=clerk, reference=visits["serve"].reference)
    history.told("check_in", visits["serve"].reference)
    serve(core, officer_id=clerk, reference=visits["serve"].reference)
    history.told("serve", visits["serve"].reference)


def references(entries):
    """The reference that each kind of step was last told about."""
    return {one.kind: one.facts.get("reference", one.subject) for one in entries if one.phase == "told"} | {
        "hold": next(one.facts["reference"] for one in entries if one.kind == "hold" and one.phase == "told"),
        "ask": next(one.facts["reference"] for one in entries if one.kind == "ask" and one.phase == "told"),
        "confirm": next(one.subject for one in entries if one.kind == "confirm" and one.phase == "told"),
    }


def test_a_history_that_was_kept_whole_has_no_fault(lived):
    entries, address = lived
    with psycopg.connect(address.render_as_string()) as connection:
        assert faults_in(entries, connection) == []


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_fault_is_found(lived, name):
    entries, address = lived
    statements, words = PLANTED[name]
    with psycopg.connect(address.render_as_string()) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")  # past all guards and keys
        for statement in statements.split(";\n"):
            connection.execute(statement, references(entries) if "%(" in statement else None)

        assert any(words in one for one in faults_in(entries, connection))

        connection.rollback()


def test_a_key_that_was_answered_with_two_references_is_found(lived):
    entries, address = lived
    again = Entry("told", "hold", "confirm", {"reference": "ANOTHER"})
    with psycopg.connect(address.render_as_string()) as connection:
        assert any(one.startswith("twice: hold") for one in faults_in([*entries, again], connection))


def test_a_step_that_was_tried_and_not_told_may_be_kept_or_not(lived):
    entries, address = lived
    known = references(entries)
    silent = [one for one in entries if not (one.kind == "confirm" and one.phase == "told")]
    tried = [*entries, Entry("tried", "cancel", known["confirm"], {})]
    with psycopg.connect(address.render_as_string()) as connection:
        assert faults_in(silent, connection) == []
        assert faults_in(tried, connection) == []
