"""A worker of a new version begins once no page of the version before is left."""

from datetime import timedelta

from sqlalchemy import text

from booking.country.core import presence
from booking.operations.upgrade.older_pages import await_older_pages
from tests.booking.country.core.test_presence import a_process


def test_a_worker_waits_for_pages_that_would_misread_what_it_writes(core, monkeypatch):
    with core.sessions.begin() as session:
        a_process(session, number="0026")
    looks = []

    def end_it(_seconds):
        looks.append(1)
        with core.sessions.begin() as session:
            session.execute(text("DELETE FROM running_process"))

    monkeypatch.setattr(presence, "sleep", end_it)
    await_older_pages(core)

    assert looks == [1]


def test_pages_that_stay_for_ever_do_not_keep_it_for_ever(core, monkeypatch, caplog):
    with core.sessions.begin() as session:
        a_process(session, number="0026")
    monkeypatch.setattr(presence, "sleep", lambda _: None)

    await_older_pages(core, patience=timedelta(0))

    assert "worker_goes_on_beside_older" in caplog.text
