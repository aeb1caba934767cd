import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.country.core import audit
from booking.platform.models import AuditEntry
from tests.support.roles import past_the_roles
from tests.support.waiting import ended


def write(core, count=1):
    for number in range(count):
        with core.sessions.begin() as session:
            audit.append(
                session,
                at=core.clock.now(),
                actor="karim",
                action="quota.changed",
                subject=str(number),
                details={"n": number},
            )


def test_the_chain_of_entries_is_verified(core):
    write(core, 5)
    with core.sessions() as session:
        assert audit.verify(session) == 5


@pytest.mark.parametrize(("minutes", "first"), [(-1, 1), (0, 1), (1, 2), (9, 2), (10, 2), (11, 3)])
def test_the_first_entry_since_an_instant_is_found_without_reading_all(core, minutes, first):
    began = core.clock.now()
    write(core)
    core.clock.advance(timedelta(minutes=10))
    write(core)
    with core.sessions() as session:
        assert audit.first_since(session, began + timedelta(minutes=minutes)) == first


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor = 'someone else'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
def test_the_database_refuses_to_change_or_remove_entries(core, statement):
    write(core)

    def tamper():
        with past_the_roles(core) as session:
            session.execute(text(statement))

    with pytest.raises(DBAPIError, match="never changed or removed"):
        tamper()


@pytest.mark.parametrize("change", ["actor", "action", "subject", "details", "at"])
def test_a_changed_entry_breaks_the_chain_even_when_triggers_were_switched_off(core, change):
    write(core, 3)
    values = {
        "actor": "someone else",
        "action": "quota.kept",
        "subject": "9",
        "details": {"n": 7},
        "at": core.clock.now() + timedelta(seconds=1),
    }
    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        entry = session.get_one(AuditEntry, 2)
        setattr(entry, change, values[change])

    with core.sessions() as session, pytest.raises(audit.BrokenChainError, match="entry 2"):
        audit.verify(session)


def test_a_removed_entry_breaks_the_chain(core):
    write(core, 3)
    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text("DELETE FROM audit_entry WHERE sequence = 1"))

    with core.sessions() as session, pytest.raises(audit.BrokenChainError):
        audit.verify(session)


def test_entries_written_simultaneously_form_one_chain(core):
    threads = [threading.Thread(target=write, args=(core, 5)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)

    with core.sessions() as session:
        assert audit.verify(session) == 30
        assert session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence)).all() == list(range(1, 31))
