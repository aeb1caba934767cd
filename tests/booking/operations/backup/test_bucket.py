"""A backup takes the files out of a bucket, and a restore puts them into one: wholly, or not at all."""

import os
from uuid import uuid4

import pytest

from booking.operations.backup.make import make_backup
from booking.operations.backup.manifest import NAME, Manifest, checksum
from booking.operations.backup.ours import read_ours
from booking.operations.backup.programs import BackupError
from booking.operations.backup.restore_files import restoring_files
from booking.people.evidence.store import EvidenceStore
from booking.platform.files.watched import open_files
from tests.booking.operations.backup.test_backup import empty_url, libpq_address, restore_backup
from tests.support.file_places import a_bucket, refuse

__all__ = ["empty_url"]


@pytest.fixture
def bucket(tmp_path):
    """A server of S3 with an empty bucket."""
    with a_bucket(tmp_path / "server") as running:
        yield running


@pytest.fixture
def pages(bucket, core):
    """Keep three pages in the bucket; return who sent what."""
    kept = {uuid4(): f"page {number}".encode() for number in range(3)}
    for one, content in kept.items():
        EvidenceStore(open_files(bucket.settings()), core.vault, "online").put(one, 0, content)
    return kept


def test_files_of_a_bucket_come_back_into_a_folder_and_into_another_bucket(
    core, database_url, empty_url, bucket, pages, tmp_path
):
    folder = tmp_path / "backup"
    made = make_backup(folder, dsn=libpq_address(database_url), settings=bucket.settings())
    assert len(made.manifest.files) == 4

    target = bucket.settings(s3_prefix="restored")
    restore_backup(folder, dsn=libpq_address(empty_url), settings=target)

    again = EvidenceStore(open_files(target), core.vault, "online")
    assert {one: again.get(one, 0) for one in pages} == pages
    in_folder = bucket.settings(evidence_dir=tmp_path / "evidence").model_copy(update={"s3_bucket": None})
    with restoring_files(folder, made.manifest, in_folder) as filling:
        filling.fill()
    again = EvidenceStore(open_files(in_folder), core.vault, "online")
    assert {one: again.get(one, 0) for one in pages} == pages


def test_what_did_not_change_is_not_fetched_again(core, database_url, bucket, pages, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    make_backup(first, dsn=libpq_address(database_url), settings=bucket.settings())
    changed, new = next(iter(pages)), uuid4()
    store = EvidenceStore(open_files(bucket.settings()), core.vault, "online")
    store.put(new, 0, b"a new page")
    store.put(changed, 0, b"a page that was sealed anew")
    bucket.asked.clear()

    manifest = make_backup(second, dsn=libpq_address(database_url), settings=bucket.settings(), before=first).manifest

    assert bucket.asked == ["GET"] * 3, "one list, and what is new or may have changed"
    assert read_ours(second, bucket.settings()) == manifest
    linked = [one for one in (second / "evidence").rglob("*-0") if one.stat().st_nlink == 2]
    assert len(linked) == 2


def test_a_rotten_copy_is_not_passed_on_as_whole(core, database_url, bucket, pages, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    make_backup(first, dsn=libpq_address(database_url), settings=bucket.settings())
    rotten = next((first / "evidence").rglob("*-0"))
    times = (rotten.stat().st_atime, rotten.stat().st_mtime)
    rotten.write_bytes(bytes(rotten.stat().st_size))
    os.utime(rotten, times)

    make_backup(second, dsn=libpq_address(database_url), settings=bucket.settings(), before=first)

    with pytest.raises(BackupError, match="is not what was backed up"):
        read_ours(second, bucket.settings())


def test_nothing_is_taken_over_from_a_backup_that_was_changed(core, database_url, bucket, pages, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    manifest = make_backup(first, dsn=libpq_address(database_url), settings=bucket.settings()).manifest
    changed = next((first / "evidence").rglob("*-0"))
    times = (changed.stat().st_atime, changed.stat().st_mtime)
    changed.write_bytes(bytes(changed.stat().st_size))
    os.utime(changed, times)
    named = {changed.relative_to(first).as_posix(): checksum(changed)}
    made_up = manifest.model_copy(update={"files": {**manifest.files, **named}})
    (first / NAME).write_text(made_up.model_dump_json())

    again = make_backup(second, dsn=libpq_address(database_url), settings=bucket.settings(), before=first).manifest

    assert {name: again.files[name] for name in named} == {name: manifest.files[name] for name in named}


def test_a_bucket_that_refuses_leaves_no_half_of_a_backup(core, database_url, bucket, pages, tmp_path):
    bucket.fault = refuse(403, "AccessDenied")

    with pytest.raises(BackupError, match="the files cannot be read"):
        make_backup(tmp_path / "backup", dsn=libpq_address(database_url), settings=bucket.settings())
    assert not list(tmp_path.glob("backup*"))


def test_a_restore_that_fails_takes_back_what_it_put_into_the_bucket(bucket, pages, tmp_path, core, database_url):
    folder, target = tmp_path / "backup", bucket.settings(s3_prefix="restored")
    manifest: Manifest = make_backup(folder, dsn=libpq_address(database_url), settings=bucket.settings()).manifest

    def fail(filling):
        filling.fill()
        assert len(bucket.keys()) == 6
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), restoring_files(folder, manifest, target) as filling:
        fail(filling)

    assert len(bucket.keys()) == 3
    with pytest.raises(BackupError, match="is not empty"), restoring_files(folder, manifest, bucket.settings()):
        pass


def test_a_restore_that_fails_before_its_first_file_removes_nobodys(bucket, pages, core, database_url, tmp_path):
    backup = tmp_path / "backup"
    manifest = make_backup(backup, dsn=libpq_address(database_url), settings=bucket.settings()).manifest
    in_folder = bucket.settings(evidence_dir=tmp_path / "evidence").model_copy(update={"s3_bucket": None})

    for target in (in_folder, bucket.settings(s3_prefix="restored")):
        store = EvidenceStore(open_files(target), core.vault, "online")

        def lose_to_another_restore(store=store):
            for one, content in pages.items():
                store.put(one, 0, content)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), restoring_files(backup, manifest, target):
            lose_to_another_restore()

        assert {one: store.get(one, 0) for one in pages} == pages
