"""After a result the value comes that picks the lines which observers open: published beside the files, once."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text, update

from booking.country.catalogue.views import find_draw, find_draw_zip
from booking.jobs import ONE_OFF
from booking.platform.base.errors import DrawNotReadyError, NotFoundError
from booking.platform.models import DrawFile
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.format2.tables import AUDIT, FOR_EVERYONE, RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.publish_audit import AWAITED, AuditAwaitedError, await_audit, publish_audit
from booking.scheduling.draws.verification import audit_sample, verify_files
from booking.scheduling.draws.views import AuditState, find_audit, list_missing_audits
from booking.transparency.beacons.bring import AUDIT as FOR_RESULT
from booking.transparency.beacons.bring import STATEMENT as FOR_STATEMENT
from booking.transparency.beacons.bring import Part, take_part
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.transparency.beacons.witnesses import made


@pytest.fixture
def watched(database_url, tmp_path):
    """A country whose draws are decided by three of four witnesses."""
    (tmp_path / "group.json").write_bytes(made().file)
    with open_world(database_url, beacon="witnesses", beacon_group=(tmp_path / "group.json",)) as world:
        world.office("a")
        yield world


def give(world, kind, entry, *indices):
    """Let witnesses bring their parts for an entry of the log."""
    digest = sha256(entry).digest()
    for index in indices:
        message = Part(kind, digest, index, b"").message
        take_part(world.core, Part(kind, digest, index, made().parts(message, index)[index]))


def entry(world, name):
    with world.session() as session:
        return session.scalars(select(DrawFile.content).where(DrawFile.name == name)).one()[:-1]


def audit(world):
    return find_audit(world.core, find_draw(world.core, "d1"))


def test_the_value_comes_beside_files_that_stay_as_they_are(world, office):
    office(1, 1)
    for _ in range(3):
        world.ask("a")
    before = world.published()
    zipped = find_draw_zip(world.core, "d1").sha256
    with world.session() as session:
        job = text("SELECT args->>'reference' FROM procrastinate_jobs WHERE task_name = 'publish_audit'")
        assert session.scalars(job).all() == ["d1"]
    assert (audit(world).state, audit(world).alone) == (AuditState.AWAITED, True)

    ONE_OFF["publish_audit"][1](world.core, "d1")
    assert publish_audit(world.core, "d1")

    after = world.files()
    assert set(after) - set(before) == {AUDIT}
    assert {name: after[name] for name in before} == before
    assert find_draw_zip(world.core, "d1").sha256 != zipped
    everyone = {name: after[name] for name in (*FOR_EVERYONE, AUDIT)}
    assert "picks 3 of 3 lines" in verify_files(everyone).words()
    assert audit_sample(after, None).words().endswith("3 of 3 lines that were opened are right")
    found = audit(world)
    assert (found.state, found.at, found.opened) == (AuditState.CAME, world.clock.now(), 3)
    assert sorted(found.first) == [0, 1, 2]


def test_witnesses_give_their_parts_once_the_result_is_out_and_one_file_follows(watched):
    watched.slots("a", watched.first_day, {"draw": [1]})
    watched.ask("a")
    watched.closed("d1")
    with pytest.raises(DrawNotReadyError):
        publish_audit(watched.core, "d1")
    draws.run(watched.core, "d1")
    give(watched, FOR_STATEMENT, entry(watched, STATEMENT), 1, 2, 3)
    draws.run(watched.core, "d1")
    draws.publish(watched.core, "d1")
    with pytest.raises(NotFoundError):
        give(watched, FOR_RESULT, entry(watched, RESULT), 1)

    with pytest.raises(AuditAwaitedError):
        await_audit(watched.core, "d1")
    give(watched, FOR_RESULT, entry(watched, RESULT), 1, 4)
    names = made().group.names
    assert (audit(watched).need, audit(watched).silent) == (3, (names[1], names[2]))
    watched.clock.advance(AWAITED - timedelta(seconds=1))
    with pytest.raises(AuditAwaitedError):
        await_audit(watched.core, "d1")
    watched.clock.advance(timedelta(seconds=1))
    await_audit(watched.core, "d1")

    assert (audit(watched).state, list_missing_audits(watched.core)) == (AuditState.MISSING, ["d1"])
    give(watched, FOR_RESULT, entry(watched, RESULT), 2)
    assert publish_audit(watched.core, "d1")
    assert (audit(watched).state, list_missing_audits(watched.core)) == (AuditState.CAME, [])
    assert verify_files(watched.files()).ok


def test_no_sample_is_picked_for_a_result_that_is_not_the_one_in_the_log(world, office):
    office(1)
    world.ask("a")
    world.published()
    with world.core.sessions.begin() as session:
        other = entry(world, RESULT).replace(b'"served_people":1', b'"served_people":2') + b"\n"
        session.execute(update(DrawFile).where(DrawFile.name == RESULT).values(content=other))

    with pytest.raises(DamagedFileError):
        publish_audit(world.core, "d1")
