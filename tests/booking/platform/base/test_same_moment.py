"""What commits between two transactions of one moment is seen by neither of them."""

import pytest
from sqlalchemy import text

from booking.platform.base.db import Sessions, at_a_moment, make_engine, moment_of
from tests.support.roles import as_app, is_pooled

SEEN = text("SELECT pg_current_snapshot()::text")


@pytest.fixture
def sessions(module_database_url):
    engine = make_engine(as_app(module_database_url), pooled=is_pooled())
    yield Sessions(engine)
    engine.dispose()


def test_another_connection_reads_at_the_same_moment(sessions):
    with at_a_moment(sessions) as one:
        seen, moment = one.scalar(SEEN), moment_of(one)
        with sessions.begin() as meanwhile:
            meanwhile.execute(text("SELECT pg_current_xact_id()"))

        with at_a_moment(sessions, moment) as other, at_a_moment(sessions) as later:
            assert seen == other.scalar(SEEN) != later.scalar(SEEN)
