"""What only a folder has: drafts, rights, and disks that fill up."""

import os
import shutil
from collections import namedtuple
from uuid import uuid4

import pytest

from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.vault import Vault
from booking.platform.files.folder import FolderFiles
from booking.platform.files.place import Cause, FilesAwayError

HEX = uuid4().hex
KEY = f"{HEX[:2]}/{HEX}-0"
Disk = namedtuple("Disk", "total used free")  # noqa: PYI024 - what shutil gives


def test_files_are_their_owners_alone(tmp_path):
    FolderFiles(tmp_path / "evidence").put(KEY, b"a page")

    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "evidence").rglob("*"))


def test_half_a_write_is_no_file_and_is_swept_once_it_is_old(tmp_path):
    files, draft = FolderFiles(tmp_path), tmp_path / f"{KEY}.draft"
    files.put(KEY, b"a page")
    draft.write_bytes(b"a pa")

    assert [one.key for one in files.list()] == [KEY]
    files.sweep(draft.stat().st_mtime)
    assert draft.exists()
    files.sweep(draft.stat().st_mtime + 1)
    assert not draft.exists()
    assert files.get(KEY) == b"a page"


def test_what_is_not_ours_is_neither_listed_nor_swept(tmp_path):
    files = FolderFiles(tmp_path)
    files.put(KEY, b"a page")
    (tmp_path / HEX[:2] / "note of a colleague").touch()
    (tmp_path / HEX[:2] / f"{HEX}-9").symlink_to("/etc/hostname-of-nobody")

    files.sweep(float("inf"))

    assert [one.key for one in files.list()] == [KEY]
    assert (tmp_path / HEX[:2] / "note of a colleague").exists()


def test_a_link_is_not_listed_so_that_no_backup_copies_what_it_names(tmp_path):
    files = FolderFiles(tmp_path / "evidence")
    files.put(KEY, b"a page")
    (tmp_path / "secret.key").write_bytes(b"the secret")
    (files.folder / HEX[:2] / f"{HEX}-1").symlink_to(tmp_path / "secret.key")

    assert [one.key for one in files.list()] == [KEY]


def test_a_file_with_a_number_that_no_page_has_is_told_as_unreadable_by_a_rotation(tmp_path):
    files = FolderFiles(tmp_path)
    files.put(f"{HEX[:2]}/{HEX}-70000", b"not a page")
    store = EvidenceStore(files, Vault(b"k" * 32))

    for evidence_id, page, _ in store.heads():
        with pytest.raises(EvidenceUnavailableError):
            store.seal_anew(evidence_id, page)


def test_a_file_replaced_keeps_its_time(tmp_path):
    files = FolderFiles(tmp_path)
    files.put(KEY, b"a page")
    os.utime(tmp_path / KEY, (1_700_000_000, 1_700_000_000))

    files.replace(KEY, bytes.upper)

    assert [one.changed_at for one in files.list()] == [1_700_000_000]


def test_a_full_disk_is_found_before_a_write_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100, 100, 0))

    with pytest.raises(FilesAwayError) as raised:
        FolderFiles(tmp_path / "none" / "yet").look()
    assert raised.value.cause is Cause.FULL


def test_a_disk_without_room_for_a_file_says_that_it_is_full(tmp_path):
    files = FolderFiles(tmp_path / "evidence")
    files.folder.symlink_to("/dev/full")

    with pytest.raises(FilesAwayError) as raised:
        files.put(KEY, b"a page")
    assert raised.value.cause is Cause.BROKEN
