"""Without an observer's key no call reads what was everyone's before; and no look is without a trace."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from booking.country.core import audit
from booking.platform.models import AuditEntry, Draw, DrawFile, LogPending
from booking.platform.models.states import DrawState, Role
from booking.scheduling.draws.format2.tables import FOR_OBSERVERS
from booking.transparency.log.entries import read_entry
from booking.transparency.observers.keys import ObserverKey
from booking.transparency.observers.look import DRIFT, MOST_LOOKS, WINDOW
from booking.transparency.observers.name import end, refuse
from tests.booking.transparency.observers.observed import named, proposed, signing
from tests.support.country import a_colleague
from tests.support.roles import past_the_roles

REFERENCE = "2026-11-01"
WHERE = f"/api/v1/observers/draws/{REFERENCE}/files"
KEY = ObserverKey.new("high-court")
SECRET = b"wishes, exact to the day"


@pytest.fixture
def draw(core):
    """A draw with every file that only observers read, not published yet; return what publishes it."""
    now = core.clock.now()
    first = date(2026, 11, 9)
    with core.sessions.begin() as session:
        draw = Draw(
            reference=REFERENCE,
            opens_at=now - timedelta(days=1),
            closes_at=now,
            horizon_first=first,
            horizon_last=first + timedelta(days=6),
            confirm_seconds=60,
            seed_commitment=b"c" * 32,
            seed_ciphertext=b"x",
            announced_at=now,
        )
        session.add(draw)
        session.flush()
        for name in FOR_OBSERVERS:
            digest = sha256(SECRET + name.encode()).hexdigest()
            file = DrawFile(
                draw_id=draw.id,
                name=name,
                ring=2,
                media_type="text/csv",
                content=SECRET,
                size=len(SECRET),
                sha256=digest,
            )
            session.add(file)

    def publish():
        with core.sessions.begin() as session:
            published = session.scalars(select(Draw)).one()
            published.state, published.seed = DrawState.PUBLISHED, b"s" * 32

    return publish


@pytest.fixture
def get(attacker, run):
    return lambda path, **headers: run(lambda: attacker.call("GET", path, **headers))


def looks(core):
    with core.sessions() as session:
        audit.verify(session)
        return session.scalars(select(AuditEntry).where(AuditEntry.action == "observer.looked")).all()


def told(core, kind):
    """What everyone reads of a kind in the public log."""
    with core.sessions() as session:
        rows = session.scalars(select(LogPending.body).where(LogPending.kind == kind).order_by(LogPending.id))
        return [read_entry(body) for body in rows]


def test_no_byte_leaves_without_the_key_of_an_observer(core, draw, get):
    draw()
    signed, other = signing(core, KEY), signing(core, ObserverKey.new("high-court"))
    path = f"{WHERE}/plan.csv"
    waiting = proposed(core, KEY)
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Mawid-Observer a b c"}, signed(path)):
        refused = get(path, **headers)
        assert (refused.status, refused.headers["www-authenticate"][:14]) == (401, "Mawid-Observer")
        assert SECRET not in refused.body
    refuse(core, by=a_colleague(core, Role.ADMINISTRATOR), observer_id=waiting)
    assert get(path, **signed(path)).status == 401

    observer = named(core, KEY)
    wrong = [
        signed(f"{WHERE}/turns.jsonl.gz"),
        signed(path, method="POST"),
        other(path),
        signed(path, late=DRIFT.total_seconds() + 1),
        signed(path, late=-DRIFT.total_seconds() - 1),
    ]
    for headers in wrong:
        assert get(path, **headers).status == 401
    assert looks(core) == []
    for name in FOR_OBSERVERS:
        answer = get(f"{WHERE}/{name}", **signed(f"{WHERE}/{name}"))
        assert (answer.status, answer.body) == (200, SECRET)
    end(core, by=a_colleague(core, Role.ADMINISTRATOR), observer_id=observer, reason="over")
    assert get(path, **signed(path)).status == 401
    began, ended = told(core, "observer")
    assert (began["name"], began["key"], began["until"]) == ("high-court", KEY.public_line, None)
    assert ended == began | {"until": ended["at"]}


def test_every_look_is_on_record_and_no_cache_keeps_the_answer(core, draw, get):
    observer = named(core, KEY)
    signed, path = signing(core, KEY), f"{WHERE}/plan.csv"
    assert get(path, **signed(path)).status == 404
    assert looks(core) == []
    draw()
    whole = get(path, **signed(path))
    again = get(path, if_none_match=whole.headers["etag"], **signed(path))
    for answer in (whole, again):
        assert answer.headers["cache-control"] == "private, no-store"
    kept = looks(core)
    assert [one.details for one in kept] == [{"reference": REFERENCE, "file": "plan.csv"}] * 2
    assert {(one.actor, one.subject) for one in kept} == {("observer high-court", str(observer))}
    assert [(one["observer"], one["reference"], one["file"]) for one in told(core, "look")] == [
        ("high-court", REFERENCE, "plan.csv")
    ] * 2

    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE audit_entry ADD CONSTRAINT full_log CHECK (sequence < 0) NOT VALID"))
    unseen = get(path, **signed(path))
    assert unseen.status >= 500
    assert SECRET not in unseen.body


def test_an_observer_cannot_flood_the_log(core, draw, get):
    draw()
    observer = named(core, KEY)
    with core.sessions.begin() as session:
        for _ in range(MOST_LOOKS):
            now = core.clock.now()
            audit.append(session, at=now, actor="observer", action="observer.looked", subject=str(observer))
    path = f"{WHERE}/plan.csv"
    refused = get(path, **signing(core, KEY)(path))
    assert refused.status == 429
    core.clock.advance(WINDOW + timedelta(seconds=1))
    assert get(path, **signing(core, KEY)(path)).status == 200
