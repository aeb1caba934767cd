import pytest
from sqlalchemy import insert, select, text, update

from booking.models import Office
from booking.models.audit import AuditEntry
from booking.models.policies.policy import QuotaPolicy

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
