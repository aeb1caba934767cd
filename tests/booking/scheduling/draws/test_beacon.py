"""Between closing and result: a draw waits for the value that nobody had, takes no other, and says why it waits."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text, update

from booking.people.staff.create import create_staff
from booking.platform.base.errors import DrawNotReadyError, ForbiddenError
from booking.platform.models import Account, AuditEntry, BeaconPart, Draw, DrawEntry, DrawFile, LogEntry
from booking.platform.models.states import DrawState, Pool, RequestState, Role
from booking.scheduling.draws import beacon
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.beacon import bring_value
from booking.scheduling.draws.files import BINS, REQUESTS
from booking.scheduling.draws.format2.tables import LEAVES, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError, digest
from booking.scheduling.draws.schedule import TOO_LATE, advance_draws
from booking.scheduling.draws.verification import verify_files
from booking.transparency.beacons.bring import AUDIT as FOR_RESULT
from booking.transparency.beacons.bring import Part
from booking.transparency.beacons.drand import quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import write_terms
from booking.transparency.beacons.values import round_after
from booking.transparency.log.checkpoints import cosign
from booking.transparency.log.log import newest_in
from booking.transparency.log.notes import COSIGNATURE, VerifierKey, read_note
from booking.transparency.log.witnesses import Witness, keep_cosignature_in
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.transparency.beacons.test_values import ROUND, SIGNATURE
from tests.support.country import PASSWORD
from tests.support.waiting import PATIENCE


@pytest.fixture
def value(monkeypatch):
    """Say what the beacon answers; None while it has no value."""
    answers = {}
    real = beacon.fetch

    def fetch(core, terms, fixed, *, reference):
        return answers["is"] if "is" in answers else real(core, terms, fixed, reference=reference)

    monkeypatch.setattr(beacon, "fetch", fetch)
    return answers


@pytest.fixture
def witnessed(database_url, tmp_path, request):
    """A country with one witness, and its pen: it signs the newest checkpoint when it is told to."""
    private = Ed25519PrivateKey.generate()
    key = VerifierKey.of("paper.example", private, COSIGNATURE)
    (tmp_path / "witnesses").write_text(key.text)

    def sign(world):
        with world.core.sessions.begin() as session:
            newest = newest_in(session)
            text = newest.note.partition("\n\n")[0] + "\n"
            line = cosign(text, key.name, private, int(world.clock.now().timestamp()))
            note = read_note(newest.note.encode()).with_signatures([line])
            keep_cosignature_in(session, world.core, newest, note, Witness(key, None))

    with open_world(database_url, witnesses=tmp_path / "witnesses", **getattr(request, "param", {})) as world:
        yield world, sign


@contextmanager
def changed(world, name, change):
    """Put other content in the place of a file, as whoever writes into the database could, and put it back."""
    this = update(DrawFile).where(DrawFile.name == name)
    with world.core.sessions.begin() as session:
        content = session.scalars(select(DrawFile.content).where(DrawFile.name == name)).one()
        other = change(content)
        session.execute(this.values(content=other, sha256=digest(other)))
    assert other != content
    try:
        yield
    finally:
        with world.core.sessions.begin() as session:
            session.execute(this.values(content=content, sha256=digest(content)))


def repacked(content):
    """The same lines in other bytes, which some reader might take and another one not."""
    return gzip.compress(gzip.decompress(content), compresslevel=1, mtime=0)


def logged(world):
    """The kinds of what the log says about draws, in its order."""
    with world.session() as session:
        return session.scalars(select(LogEntry.kind).where(LogEntry.kind != "receipt").order_by(LogEntry.index)).all()


def test_a_draw_whose_beacon_is_away_waits_says_so_and_goes_on(world, office, policy, value):
    policy()
    office(1)
    reference = world.ask("a")
    world.draw("d1")
    value["is"] = None

    for done in (["d1 closed", "d1 waits: beacon", "2026-11-01 announced"], ["2026-11-01 opened", "d1 waits: beacon"]):
        assert advance_draws(world.core) == done
    assert world.request(reference).state is RequestState.ACCEPTED
    del value["is"]

    assert advance_draws(world.core) == ["d1 drawn", "d1 published"]
    assert world.request(reference).state is RequestState.DRAWN
    said = ["announcement", "statement", "announcement", "beacon", "result"]
    assert [kind for kind in logged(world) if kind not in ("audit", "version")] == said


def test_no_value_but_the_announced_one_is_taken(world, office, value):
    office(1)
    world.ask("a")
    world.closed("d1")
    value["is"] = bytes(48)

    with pytest.raises(BeaconError):
        draws.run(world.core, "d1")

    with world.session() as session:
        draw = session.scalars(select(Draw)).one()
        assert (draw.state, draw.beacon_signature) == (DrawState.CLOSED, None)


def test_what_was_changed_after_the_closing_is_refused_in_time_to_mend_it(world, office, value):
    office(1)
    world.ask("a")
    world.closed("d1")
    value["is"] = None

    for name, change in (
        (REQUESTS, repacked),
        (BINS, lambda content: content.replace(b",1\n", b",2\n", 1)),
        (LEAVES, lambda content: content.replace(b",0,", b",9,")),
    ):
        with changed(world, name, change), pytest.raises(DamagedFileError):
            draws.run(world.core, "d1")
    assert draws.run(world.core, "d1").waits_for == "beacon"
    del value["is"]

    assert draws.run(world.core, "d1").state is DrawState.DRAWN


def test_a_wish_that_was_written_anew_with_its_statement_decides_nothing(world, office, value):
    office(1)
    office(1, code="b")
    reference = world.ask("a")
    world.closed("d1")
    value["is"] = None
    hashes = {}

    def elsewhere(content):
        wishes = gzip.decompress(content).replace(b'"offices":["a"]', b'"offices":["b"]')
        other = gzip.compress(wishes, mtime=0)
        hashes.update(was=digest(content).encode(), now=digest(other).encode())
        return other

    with (
        changed(world, REQUESTS, elsewhere),
        changed(world, STATEMENT, lambda content: content.replace(hashes["was"], hashes["now"])),
        pytest.raises(DamagedFileError, match="not the one in the log"),
    ):
        draws.run(world.core, "d1")
    del value["is"]

    assert draws.run(world.core, "d1").state is DrawState.DRAWN
    assert world.request(reference).state is RequestState.DRAWN


def test_what_somebody_writes_into_the_database_decides_nothing(world, office):
    office(1)
    world.ask("a")
    world.draw("d1")

    with world.core.sessions.begin() as session:
        announced = session.scalars(select(Draw.confirm_seconds)).one()
        session.execute(update(Draw).values(confirm_seconds=60))
    with pytest.raises(DamagedFileError):
        draws.close(world.core, "d1")
    with world.core.sessions.begin() as session:
        session.execute(update(Draw).values(confirm_seconds=announced))
    draws.close(world.core, "d1")
    with world.core.sessions.begin() as session:
        stated = session.scalars(select(DrawFile.content).where(DrawFile.name == STATEMENT)).one()
        other = stated.replace(b'"mechanism":"exchange"', b'"mechanism":"in-line-order"')
        session.execute(update(DrawFile).where(DrawFile.name == STATEMENT).values(content=other))
    with pytest.raises(DamagedFileError):
        beacon.settled(world.core, Draw(reference="d2", beacon_signature=bytes(48)), json.loads(stated))
    for signature in (None, bytes(48)):
        with world.core.sessions.begin() as session:
            session.execute(update(Draw).values(beacon_signature=signature))
        with pytest.raises(DamagedFileError):
            draws.run(world.core, "d1")
    with world.core.sessions.begin() as session:
        session.execute(update(DrawFile).where(DrawFile.name == STATEMENT).values(content=stated))
    with pytest.raises(BeaconError):
        draws.run(world.core, "d1")


def test_a_draw_that_would_close_after_its_value_came_is_given_up(world, office, policy):
    policy()
    office(1)
    reference = world.ask("a")
    world.draw("d1")
    first = quicknet(1)
    number = round_after(world.clock.now(), genesis=first.genesis, period=first.period)
    with world.core.sessions.begin() as session:
        session.execute(update(Draw).values(beacon=write_terms(quicknet(number))))
    world.clock.advance(timedelta(minutes=11))

    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d1")
    assert advance_draws(world.core)[0] == "d1 abandoned"

    with world.session() as session:
        assert session.scalar(select(Draw.reason).where(Draw.reference == "d1")) == TOO_LATE
    assert (world.request(reference).lost_draws, logged(world)[-1]) == (0, "announcement")


@pytest.mark.parametrize("witnessed", [{"beacon": "drand"}], indirect=True)
def test_a_closed_draw_that_witnesses_sign_after_its_value_came_is_late_for_good(witnessed):
    world, sign = witnessed
    world.draw("d1")
    sign(world)  # the announcement
    draws.close(world.core, "d1")
    world.clock.advance(timedelta(minutes=11))

    assert draws.run(world.core, "d1").waits_for == "late"
    sign(world)
    assert draws.run(world.core, "d1").waits_for == "late"
    assert "beacon" not in logged(world)


def test_two_processes_that_have_the_value_at_once_say_it_once(world, office, monkeypatch):
    office(1)
    world.ask("a")
    world.closed("d1")
    real, both = beacon.fetch, Barrier(2, timeout=PATIENCE)

    def fetch(*about, **more):
        both.wait()
        return real(*about, **more)

    monkeypatch.setattr(beacon, "fetch", fetch)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: draws.run(world.core, "d1"), range(2))

    assert (one.state, one.beacon_signature) == (other.state, other.beacon_signature)
    assert one.state is DrawState.DRAWN
    assert logged(world).count("beacon") == logged(world).count("result") == 1
    with world.session() as session:
        steps = session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(["draw.beacon", "draw.drawn"])))
        assert sorted(steps) == ["draw.beacon", "draw.drawn"]


def test_a_request_whose_receipt_came_too_late_into_the_log_keeps_its_turn(world, office):
    office(1, 1)
    in_time = world.ask("a")
    world.draw("d1")
    unlogged = world.ask("a")
    world.clock.advance(timedelta(minutes=6))

    draws.close(world.core, "d1")
    draws.run(world.core, "d1")
    draws.publish(world.core, "d1")

    assert world.states([in_time, unlogged]) == [RequestState.DRAWN, RequestState.ACCEPTED]
    assert world.request(unlogged).lost_draws == 1
    assert b",1,unlogged," in world.files()["turns.csv"]
    assert verify_files(world.files()).ok
    assert draws.close(world.core, world.draw("d2")).state is DrawState.CLOSED
    with world.session() as session:
        assert session.execute(
            select(DrawEntry.link_list, DrawEntry.priority).where(DrawEntry.link_row == 0)
        ).all() == [("turns", 1)]


def test_nothing_is_drawn_or_published_before_witnesses_signed_what_was_fixed(witnessed):
    world, sign = witnessed
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    reference = world.ask("a")
    world.draw("d1")
    sign(world)  # the announcement

    draws.close(world.core, "d1")
    assert draws.run(world.core, "d1").waits_for == "witnesses"
    assert world.request(reference).state is RequestState.ACCEPTED
    sign(world)
    assert draws.run(world.core, "d1").state is DrawState.DRAWN
    assert draws.publish(world.core, "d1").waits_for == "witnesses"
    sign(world)
    assert draws.publish(world.core, "d1").state is DrawState.PUBLISHED

    assert verify_files(world.files()).ok


def staff(core, role):
    create_staff(
        core,
        username=role.value,
        password=PASSWORD,
        phone=f"094400000{len(role.value) % 10}",
        roles=[role],
        office_code=None,
        language="en",
        by=None,
    )
    with core.sessions() as session:
        return session.scalars(select(Account.id).where(Account.username == role.value)).one()


def test_only_the_right_value_of_an_administrator_is_kept_and_awaited_audits_go_on(world, office):
    office(1)
    world.ask("a")
    world.published()
    boss, analyst = staff(world.core, Role.ADMINISTRATOR), staff(world.core, Role.ANALYST)
    right = SIGNATURE.hex()
    part = Part(FOR_RESULT, bytes(32), 1, SIGNATURE).content.decode()
    wrong = [(str(ROUND + 1), right), (str(ROUND), right[2:]), (str(ROUND), "zz"), ("9" * 400, right), ("-1", right)]
    for number, content in (*wrong, ("", right), ("", part), ("", "[" * 9999)):
        with pytest.raises(BeaconError):
            bring_value(world.core, by=boss, number=number, content=content)
    with pytest.raises(ForbiddenError):
        bring_value(world.core, by=analyst, number=str(ROUND), content=right)
    with world.session() as session:
        assert session.scalars(select(BeaconPart)).all() == []

    arabic = str(ROUND).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert bring_value(world.core, by=boss, number=arabic, content=f" {right}\n")
    assert not bring_value(world.core, by=boss, number=str(ROUND), content=right)

    with world.session() as session:
        recorded = select(AuditEntry.account_id, AuditEntry.subject).where(AuditEntry.action == "beacon.brought")
        assert session.execute(recorded).all() == [(boss, str(ROUND))]
        jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'publish_audit'")
        assert session.scalar(jobs) == 2, "one of the publication, one of the value"
