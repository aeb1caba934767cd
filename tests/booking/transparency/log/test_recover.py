"""A backup from before: what it lacks comes back from a witness's copy, and from no other."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from sqlalchemy import select

from booking.platform.models import LogEntry, LogPending
from booking.transparency.log.audit_heads import log_audit_head
from booking.transparency.log.log import HeldLogError, append_in, sequence
from booking.transparency.log.notes import NoteError
from booking.transparency.log.recover import go_on, recover
from tests.booking.transparency.log.copies import as_in_a_backup, hold, keep_copy

SIZE = 300


def say(core, *numbers):
    with core.sessions.begin() as session:
        for number in numbers:
            append_in(session, "receipt", {"receipt": f"{number:064x}"}, f"{number:064x}")


@pytest.fixture
def copy(core, tmp_path):
    """What a witness holds of 300 entries; here only the first 250 are left, as in a backup."""
    say(core, *range(SIZE - 1))
    log_audit_head(core)
    sequence(core)
    say(core, SIZE)
    log_audit_head(core)
    keep_copy(core, tmp_path / "mirror")
    as_in_a_backup(core, 250)
    return tmp_path


@contextmanager
def served(folder):
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/mirror/"
        server.shutdown()


def test_what_a_backup_lacks_comes_back_and_the_log_goes_on(core, copy):
    say(core, SIZE)
    hold(core)
    with pytest.raises(HeldLogError):
        sequence(core)
    with served(copy) as address:
        with pytest.raises(NoteError, match="404"):
            recover(core, address + "elsewhere")
        assert recover(core, address) == SIZE - 250
    assert recover(core, str(copy)) == recover(core, str(copy / "mirror")) == 0
    say(core, SIZE, SIZE + 1)

    assert sequence(core).size == SIZE + 1
    with core.sessions() as session:
        keys = session.scalars(select(LogEntry.key).where(LogEntry.kind == "receipt").order_by(LogEntry.index)).all()
        assert keys == [f"{number:064x}" for number in (*range(SIZE - 1), SIZE, SIZE + 1)]
        assert session.scalars(select(LogPending)).all() == []


def test_without_a_copy_it_goes_on_when_somebody_says_so(core):
    hold(core)
    say(core, 1)
    with pytest.raises(HeldLogError):
        sequence(core)
    go_on(core)
    assert sequence(core).size == 1


def spoil(path):
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))


@pytest.mark.parametrize("what", ["another log", "changed", "cut off", "not there", "no checkpoint", "went on"])
def test_what_is_no_continuation_is_refused_and_nothing_changes(core, copy, what):
    last = copy / "mirror/tile/entries/001.p/44"
    match what:
        case "another log":
            spoil(copy / "mirror/checkpoint")
        case "changed":
            last.write_bytes(last.read_bytes().replace(b"0", b"1", 5))
        case "cut off":
            last.write_bytes(last.read_bytes()[:-3])
        case "not there":
            last.unlink()
        case "no checkpoint":
            (copy / "mirror/checkpoint").write_bytes(b"")
        case "went on":
            say(core, 777)
            sequence(core)
    with core.sessions() as session:
        before = session.scalars(select(LogEntry.index)).all()
    with pytest.raises(NoteError):
        recover(core, str(copy))
    with core.sessions() as session:
        assert session.scalars(select(LogEntry.index)).all() == before
