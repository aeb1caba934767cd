"""A holder proves their wish: in the log before the night, in its file as it was made, or ended in time."""

import json
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update

from booking.platform.base.exact_json import canonical
from booking.platform.models import Appointment, LogEntry, LogPending, SwapWish
from booking.platform.models.states import AppointmentState
from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.own_part import check_kinds, own_part, own_wish
from booking.scheduling.swaps.verification import verify_folder
from booking.scheduling.swaps.wish import Wished, take_back
from booking.transparency.log.checkpoints import bundle_path, write_bundle
from booking.transparency.log.entries import instant, write_entry
from booking.transparency.log.log import sequence
from booking.transparency.log.recover import recover
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, waiting, wishes
from tests.booking.transparency.log.copies import as_in_a_backup, hold, keep_copy


def _owner(world, holder):
    return found(world, holder).request.account_id


def _file(world, holder):
    sequence(world.core)
    return own_wish(world.core, account_id=_owner(world, holder), reference=holder).content


@contextmanager
def _past_the_triggers(database_url):
    """Change rows as somebody who has the database."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        yield connection
    engine.dispose()


class _Night:
    """The files of a night in a folder, and a copy of the log."""

    def __init__(self, world, folder):
        self.folder, self.log = folder / "night", folder / "log"
        self.folder.mkdir()
        for name, content in night_files(world.core, "x-1").items():
            (self.folder / name).write_bytes(content)
        with world.session() as session:
            entries = list(session.scalars(select(LogEntry.body).order_by(LogEntry.index)))
        path = self.log / bundle_path(0, len(entries))
        path.parent.mkdir(parents=True)
        path.write_bytes(write_bundle(entries))

    def says(self, own, *, log=True):
        lines = verify_folder(self.folder, part=own, log=self.log if log else None)
        return [line for line in lines if line.startswith("your wish")]


@pytest.fixture
def holders(world, days):
    """Four who wish for another day: one takes it back in time, one cancels, one changes it."""
    names = [an_appointment(world, {days[0][number % 2]: 1}, "a") for number in range(4)]
    for name in names:
        wishes(world, name, any_time("a", FIRST_DAY + DAY, bands=["morning"]))
    return names


def test_a_wish_is_proven_whether_it_counted_ended_or_was_changed_before_the_night(world, days, holders, tmp_path):
    counted, ended, cancelled, changed = holders
    files = {name: _file(world, name) for name in holders}
    take_back(world.core, account_id=_owner(world, ended), reference=ended)
    with world.core.sessions.begin() as session:
        gone = update(Appointment).where(Appointment.reference == cancelled)
        session.execute(gone.values(state=AppointmentState.CANCELLED))
    wishes(world, changed, any_time("a", FIRST_DAY + 2 * DAY))
    second = _file(world, changed)
    a_night(world)
    late = an_appointment(world, {days[2][1]: 1}, "a")
    wishes(world, late, any_time("a", FIRST_DAY))
    night = _Night(world, tmp_path)

    (line, after) = night.says(files[counted])
    assert line.startswith("your wish took part as you made it: size 1, line ")
    assert after.startswith("your wish ended on ")
    assert after.endswith(", after this night was closed")
    for name in (ended, cancelled):
        (line,) = night.says(files[name])
        assert line.startswith("your wish ended on ")
        assert line.endswith("it rightly takes no part")
    (line,) = night.says(files[changed])
    by = Wished.of(json.loads(second)["wish"]).receipt().hex()
    assert f" by {by}, before this night was closed: it rightly takes no part" in line
    assert night.says(second)[0].startswith("your wish took part")
    assert night.says(_file(world, late))[0].startswith("your wish came into the log after")
    with pytest.raises(WrongNightError, match="Either it ended before, or it was left out"):
        night.says(files[ended], log=False)
    part = own_part(world.core, account_id=_owner(world, changed), reference=changed)
    assert night.says(part)[0].startswith("your wish took part")


def test_a_wish_that_was_left_out_or_changed_in_the_database_is_proven(world, holders, tmp_path, database_url):
    left_out, changed, spoilt, _ = holders
    files = {name: _file(world, name) for name in holders}
    ids = {name: found(world, name).id for name in holders}
    with _past_the_triggers(database_url) as insider:
        insider.execute(delete(SwapWish).where(SwapWish.appointment_id == ids[left_out]))
        other = [any_time("a", FIRST_DAY + 2 * DAY).stored()]
        for name in (changed, spoilt):
            insider.execute(update(SwapWish).where(SwapWish.appointment_id == ids[name]).values(choices=other))
    a_night(world)
    night = _Night(world, tmp_path)
    for name in (left_out, changed):
        with pytest.raises(WrongNightError, match="nothing took its place, and no line has it: keep these files"):
            night.says(files[name])
    forged = json.loads(own_part(world.core, account_id=_owner(world, spoilt), reference=spoilt))
    forged |= {name: json.loads(files[spoilt])[name] for name in ("wish", "log_proof")}
    with pytest.raises(WrongNightError, match="which you did not"):
        night.says(canonical(forged))
    entries = json.loads((night.folder / "night.json").read_bytes())["markets"][0]["holders"]
    assert len(entries) == len(holders) - 1
    part = json.loads(own_part(world.core, account_id=_owner(world, spoilt), reference=spoilt))
    with pytest.raises(ValueError, match="receipt of another wish"):
        check_kinds(part, {"wishes": [], "wish": "0" * 64})


def test_another_log_excuses_nobody(world, holders, tmp_path, database_url):
    """Who left a wish out cannot show a copy in which it had ended."""
    own = _file(world, holders[0])
    with _past_the_triggers(database_url) as insider:
        insider.execute(delete(SwapWish))
    a_night(world)
    night = _Night(world, tmp_path)
    wished = Wished.of(json.loads(own)["wish"])
    told = {"at": "2026-11-01T00:00:00+00:00", "by": wished.ended().hex(), "receipt": wished.receipt().hex()}
    (path,) = [one for one in night.log.rglob("*") if one.is_file()]
    said = canonical({"receipt": wished.ended().hex(), "type": "receipt"}), canonical(told | {"type": "replaced"})
    with world.session() as session:
        entries = list(session.scalars(select(LogEntry.body).order_by(LogEntry.index)))
    place = 1 + entries.index(canonical({"receipt": wished.receipt().hex(), "type": "receipt"}))
    path.rename(path.with_name(str(len(entries) + 2)))
    path.with_name(str(len(entries) + 2)).write_bytes(write_bundle([*entries[:place], *said, *entries[place:]]))
    with pytest.raises(WrongNightError, match="the copy of the log is another one"):
        night.says(own)


def test_a_wish_that_is_over_in_the_log_is_so_in_a_restored_backup(world, days, tmp_path, database_url):
    """Else it counts once more, and ends once more: two words on one receipt, for which no copy of the log is read."""
    names = [an_appointment(world, {days[0][number]: 1}, "a") for number in range(2)]
    for name in names:
        wishes(world, name, any_time("a", FIRST_DAY + DAY))
    size = sequence(world.core).size
    with world.session() as session:
        rows = [
            {column.key: getattr(row, column.key) for column in SwapWish.__table__.columns}
            for row in session.scalars(select(SwapWish).order_by(SwapWish.appointment_id))
        ]
    for name in names:
        take_back(world.core, account_id=_owner(world, name), reference=name)
    keep_copy(world.core, tmp_path)
    as_in_a_backup(world.core, size)
    with _past_the_triggers(database_url) as restored:
        restored.execute(insert(SwapWish), rows)
    hold(world.core)
    recover(world.core, str(tmp_path))
    assert waiting(world) == set()

    with _past_the_triggers(database_url) as restored:  # and where its holder was quicker than that
        restored.execute(insert(SwapWish), rows)
    wishes(world, names[0], any_time("a", FIRST_DAY + 2 * DAY))
    take_back(world.core, account_id=_owner(world, names[1]), reference=names[1])
    keep_copy(world.core, tmp_path)
    assert {row["receipt"] for row in rows} == LogCopy(tmp_path).replaced.keys()


def test_the_database_writes_the_receipts_that_mawid_reads(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    two = any_time("a", FIRST_DAY + DAY, bands=["morning", "afternoon"]), any_time("a", FIRST_DAY, FIRST_DAY + DAY)
    wishes(world, holder, *two)
    with world.session() as session:
        row = session.scalars(select(SwapWish)).one()
    wished = Wished(row.choices, row.nonce)
    wishes(world, holder, *two)
    with world.session() as session:
        assert session.scalars(select(SwapWish.receipt)).one() == row.receipt == wished.receipt()
    take_back(world.core, account_id=_owner(world, holder), reference=holder)
    with world.session() as session:
        rows = session.execute(select(LogPending.kind, LogPending.key).order_by(LogPending.id)).all()
        body = session.scalars(select(LogPending.body).order_by(LogPending.id.desc())).first()
    was, by = wished.receipt().hex(), wished.ended().hex()
    told = {"at": instant(world.clock.now()), "by": by, "receipt": was}
    assert body == write_entry("replaced", told)
    assert [tuple(one) for one in rows[-3:]] == [("receipt", was), ("receipt", by), ("replaced", was)]
