import pytest
from sqlalchemy import insert, select, text, update

from booking.platform.base import db
from booking.platform.models import Office
from booking.platform.models.audit import AuditEntry
from booking.platform.models.policies.policy import QuotaPolicy

POLICY = {"version": 1, "shares": {}, "limits": {}, "state": "retired", "active": False, "bootstrap": True}


def a_policy(core):
    return QuotaPolicy(**POLICY, created_at=core.clock.now())


@pytest.mark.parametrize(
    "change",
    [
        lambda core, session: session.add(a_policy(core)),
        lambda core, session: (session.add(a_policy(core)), session.flush()),
        lambda core, session: session.execute(insert(QuotaPolicy).values(**POLICY, created_at=core.clock.now())),
        lambda core, session: session.execute(
            text(
                "INSERT INTO quota_policy (version, shares, limits, state, active, bootstrap, created_at)"
                " VALUES (1, '{}', '{}', 'retired', false, true, now())"
            )
        ),
        lambda core, session: session.connection().execute(
            insert(QuotaPolicy).values(**POLICY, created_at=core.clock.now())
        ),
    ],
    ids=["add", "flush", "insert", "text", "connection"],
)
def test_changes_that_were_not_committed_are_lost(core, change):
    with core.sessions() as session:
        session.scalars(select(Office)).all()
        change(core, session)

    with core.sessions() as session:
        assert session.scalars(select(QuotaPolicy)).all() == []


def test_a_transaction_that_fails_leaves_nothing(core):
    def fail():
        with core.sessions.begin() as session:
            session.add(a_policy(core))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with core.sessions() as session:
        assert session.scalars(select(QuotaPolicy)).all() == []


def test_sessions_that_only_read_keep_their_statements_prepared(core):
    for _ in range(12):
        with core.sessions() as session:
            session.scalars(select(AuditEntry)).all()

    with core.sessions() as session:
        prepared = session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert prepared > 0


def test_a_session_can_change_things_again_after_it_was_closed(core):
    with core.sessions() as session:
        session.execute(update(Office).values(active=False))
        session.close()
        session.add(a_policy(core))
        session.commit()

    with core.sessions() as session:
        assert session.scalars(select(QuotaPolicy.version)).all() == [1]


def backend_of(session):
    return session.scalar(text("SELECT pg_backend_pid()"))


@pytest.mark.parametrize("after", [3600.0, 0.0], ids=["used a moment ago", "left for long"])
def test_a_connection_that_the_server_closed_is_replaced_unnoticed(core, monkeypatch, after):
    monkeypatch.setattr(db, "TRIED_AFTER_SECONDS", after)
    with core.sessions() as one, core.sessions() as other:
        closed, _ = backend_of(one), backend_of(other)
        one.close()
        other.execute(text("SELECT pg_terminate_backend(:closed, 60000)"), {"closed": closed})
        with core.sessions() as session:
            assert backend_of(session) not in {closed, None}


def test_a_connection_that_was_used_a_moment_ago_is_asked_nothing(core, monkeypatch):
    asked = []
    engine = core.sessions.kw["bind"]
    monkeypatch.setattr(engine.dialect, "do_ping", asked.append)
    for after, questions in ((3600.0, 0), (0.0, 1)):
        with core.sessions() as session:
            session.scalars(select(Office)).all()
        monkeypatch.setattr(db, "TRIED_AFTER_SECONDS", after)
        with core.sessions() as session:
            session.scalars(select(Office)).all()
        assert len(asked) == questions


def test_a_session_for_reading_begins_no_transaction(core):
    with core.sessions.reading() as session:
        first = session.scalar(text("SELECT pg_current_xact_id()"))
        assert session.scalar(text("SELECT pg_current_xact_id()")) > first
    with core.sessions() as session:  # the same connection, perhaps
        first = session.scalar(text("SELECT pg_current_xact_id()"))
        assert session.scalar(text("SELECT pg_current_xact_id()")) == first
