"""Files move from the folder to a bucket beside people who use both, and a move that broke off goes on."""

import sys
from uuid import uuid4

import pytest

from booking import cli
from booking.platform.files.folder import BesideFiles, FolderFiles
from booking.platform.files.move import Moved, move
from booking.platform.files.place import FilesAwayError, MoveRunningError
from booking.platform.files.watched import open_bucket
from tests.support.file_places import BUCKET, KEY, SECRET, forget, refuse


@pytest.fixture
def old(tmp_path):
    """A folder with six files."""
    folder = FolderFiles(tmp_path / "evidence")
    for number in range(6):
        folder.put(a_key(("", "online")[number % 2]), f"page {number}".encode())
    return folder


@pytest.fixture
def new(bucket):
    """The bucket."""
    return open_bucket(bucket.settings())


def a_key(kind=""):
    name = uuid4().hex
    return f"{kind}/{name[:2]}/{name}-0" if kind else f"{name[:2]}/{name}-0"


def contents(place):
    return {one.key: place.get(one.key) for one in place.list()}


def test_every_file_is_moved_and_stays_what_it_is(old, new):
    before, told = contents(old), []

    done = move(old, new, told.append)

    assert (contents(old), contents(new)) == ({}, before)
    assert done == told[-1] == Moved(6, 6 * len("page 0"))


def test_a_move_that_broke_off_goes_on_and_loses_nothing(old, new, bucket):
    before, both = contents(old), BesideFiles(new, old)

    def fall_ill(moved):
        if moved.files == 3:
            bucket.fault = refuse(503, "SlowDown")

    with pytest.raises(FilesAwayError):
        move(old, new, fall_ill)
    bucket.fault = None

    assert contents(both) == before
    assert move(old, new).files == 3
    assert contents(new) == before


def test_nothing_leaves_the_folder_for_a_bucket_that_lies(old, new, bucket):
    before = contents(old)
    bucket.fault = forget

    with pytest.raises(FilesAwayError):
        move(old, new)
    assert contents(old) == before


def test_half_a_file_in_the_bucket_is_written_again(old, new):
    before = contents(old)
    for key in before:
        new.put(key, b"half of")

    move(old, new)

    assert contents(new) == before


def test_a_file_that_its_owner_removes_meanwhile_does_not_come_back(old, new, monkeypatch):
    both, put = BesideFiles(new, old), new.put
    gone = next(old.list()).key

    def put_while_it_is_removed(key, content):
        put(key, content)
        if key == gone:
            both.remove([gone])
            put(key, content)  # as if our write had been the later one

    monkeypatch.setattr(new, "put", put_while_it_is_removed)

    assert move(old, new).files == 5
    assert gone not in contents(both)


def test_of_two_moves_at_once_one_is_refused_and_no_file_is_lost(old, new, monkeypatch):
    before, put, others = contents(old), new.put, []

    def put_while_another_moves(key, content):
        put(key, content)
        if not others:
            others.append(key)
            with pytest.raises(MoveRunningError):
                move(FolderFiles(old.folder), new)

    monkeypatch.setattr(new, "put", put_while_another_moves)

    move(old, new)

    assert contents(new) == before


def test_the_commands_try_and_move(old, bucket, monkeypatch, capsys, tmp_path):
    named = {"BUCKET": BUCKET, "ENDPOINT": bucket.address, "ACCESS_KEY": KEY, "SECRET_KEY": SECRET}
    for name, value in named.items():
        monkeypatch.setenv(f"MAWID_S3_{name}", value)
    monkeypatch.setenv("MAWID_EVIDENCE_DIR", str(old.folder))
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["mawid", "files", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr().out

    code, said = run("try")
    assert (code, [line.split()[0] for line in said.splitlines()[1:]]) == (0, ["keep", "read", "list", "remove"])
    code, said = run("move")
    assert (code, said.splitlines()[-1]) == (0, f"moved 6 files, 0.0 MiB from {old.folder} to {BUCKET}")
    assert len(bucket.keys()) == 6
    bucket.fault = forget
    code, said = run("try")
    assert (code, said.split()[-1]) == (1, "lied")
    assert SECRET not in said
