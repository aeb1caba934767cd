"""What is looked through after chaos: a change to a chain or to a draw is found, and none where there is none."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from benchmarks.troubled.history import Entry
from benchmarks.troubled.soundness import unfinished, unsound
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.format2.tables import LINE
from tests.support.country import a_request
from tests.support.open_draws import open_a_draw
from tests.support.roles import past_the_roles, servers_of

DRAW = "2026-11-02"
PLANTED = {
    "DELETE FROM appointment WHERE id = (SELECT id FROM appointment LIMIT 1)": "has 0 appointments",
    "UPDATE draw_entry SET served = NOT served WHERE leaf_index = 0": "who was served is not what was published",
    "UPDATE draw_file SET content = '\\x00' || content WHERE name = 'line.csv'": f"draw {DRAW}: {LINE}",
    "UPDATE audit_entry SET details = '{}' WHERE action = 'draw.closed'": "the audit log was changed",
    "UPDATE log_entry SET body = body || '\\x20' WHERE index = 0": "public log",
}


@pytest.fixture
def drawn(country):
    """A country in which some people were drawn."""
    open_a_draw(country, DRAW)
    for _ in range(3):
        a_request(country)
    country.clock.advance(timedelta(days=1))
    for step in (draws.close, draws.run, draws.publish):
        step(country, DRAW)
    return country


def test_each_planted_change_is_found(drawn, country_url):
    def found(*entries):
        return unsound(drawn, servers_of(country_url), entries)

    content = draws.files(drawn, DRAW)[LINE]
    assert found(Entry("told", "published", DRAW, {"files": {LINE: content.sha256}})) == []
    assert any(LINE in one for one in found(Entry("told", "published", DRAW, {"files": {LINE: "another"}})))
    for change, words in PLANTED.items():
        with past_the_roles(drawn) as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.connection().exec_driver_sql(change)
        assert any(words in one for one in found()), (change, found())


def test_a_draw_that_did_not_end_is_named(country):
    open_a_draw(country, DRAW)
    assert unfinished(country) == []
    country.clock.advance(timedelta(days=2))
    assert unfinished(country) == [DRAW]
