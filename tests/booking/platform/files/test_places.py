"""What every place for files does."""

import threading
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.vault import Vault
from booking.platform.files.place import FileMissingError, new_trial
from booking.platform.files.watched import open_files
from tests.support.file_places import PAGE
from tests.support.waiting import ended

pytestmark = pytest.mark.slow


def a_key(kind=""):
    name = uuid4().hex
    return f"{kind}/{name[:2]}/{name}-0" if kind else f"{name[:2]}/{name}-0"


def test_what_is_kept_comes_back_until_it_is_removed(files):
    key, content = a_key(), bytes(range(256)) * 5000
    files.put(key, content)

    assert files.get(key) == content
    assert files.head(key, 9) == content[:9]
    files.remove([key, a_key()])
    for ask in (files.get, lambda one: files.head(one, 9)):
        with pytest.raises(FileMissingError):
            ask(key)


def test_an_empty_file_is_a_file(files):
    key = a_key()
    files.put(key, b"")

    assert files.get(key) == b""


def test_a_write_replaces_what_was_there(files):
    key = a_key()
    files.put(key, b"one")
    files.put(key, b"another")

    assert files.get(key) == b"another"


def test_each_kind_lists_its_own_files_and_the_place_lists_all(files):
    keys = {kind: {a_key(kind) for _ in range(3)} for kind in ("", "online", "copies")}
    for every in keys.values():
        for key in every:
            files.put(key, b"12345")

    for kind, expected in keys.items():
        assert {one.key for one in files.list(kind)} == expected
    assert {one.key for one in files.list()} == set().union(*keys.values())
    assert {one.size for one in files.list()} == {5}


def test_more_files_than_one_call_lists_are_all_listed_and_removed(bucket, monkeypatch):
    monkeypatch.setattr("booking.platform.files.bucket._AT_ONCE", PAGE)
    files, keys = open_files(bucket.settings()), {f"aa/aa{number:030x}-0" for number in range(2 * PAGE + 3)}
    (bucket.folder / "aa").mkdir()
    for key in keys:
        (bucket.folder / key).write_bytes(b"x")

    assert {one.key for one in files.list("")} == keys
    files.remove(keys)
    assert list(files.list("")) == []


def test_replacing_changes_what_is_there_and_makes_nothing_new(files):
    key, gone = a_key(), a_key()
    files.put(key, b"before")

    files.replace(key, bytes.upper)
    files.replace(gone, bytes.upper)

    assert files.get(key) == b"BEFORE"
    assert [one.key for one in files.list()] == [key]


def test_a_file_removed_while_it_is_replaced_stays_removed(files):
    key = a_key()
    files.put(key, b"before")

    def change(content):
        files.remove([key])
        return content.upper()

    files.replace(key, change)

    assert list(files.list()) == []


def test_a_file_written_while_it_is_replaced_stays_as_it_was_written(files):
    key = a_key()
    files.put(key, b"before")

    def change(content):
        files.put(key, b"written meanwhile")
        return content.upper()

    files.replace(key, change)

    assert files.get(key) == b"written meanwhile"


def test_what_cannot_be_changed_is_left_as_it_is(files):
    key = a_key()
    files.put(key, b"before")

    def change(_):
        raise InvalidTag

    with pytest.raises(InvalidTag):
        files.replace(key, change)
    assert files.get(key) == b"before"


def test_pages_are_bound_to_their_name_wherever_they_are(files):
    vault, one, other = Vault(b"secret" * 8), uuid4(), uuid4()
    store = EvidenceStore(files, vault, "online")
    store.put(one, 0, b"a page that nobody else reads")
    [kept] = files.list()
    sealed = files.get(kept.key)
    files.put(kept.key.replace(one.hex, other.hex).replace(f"/{one.hex[:2]}/", f"/{other.hex[:2]}/"), sealed)

    assert b"nobody else" not in sealed
    assert store.get(one, 0) == b"a page that nobody else reads"
    with pytest.raises(EvidenceUnavailableError):
        store.get(other, 0)


def test_pages_are_sealed_anew_and_name_their_secret_then(files):
    old, new = b"an older secret of thirty two bytes", b"the newer secret of thirty two byte"
    one, store = uuid4(), EvidenceStore(files, Vault(old))
    store.put(one, 0, b"a page")
    store = EvidenceStore(files, Vault(new, [old]))

    store.seal_anew(one, 0)

    assert [named for _, _, named in store.heads()] == [Vault(new).present.key_id.hex()]
    assert EvidenceStore(files, Vault(new)).get(one, 0) == b"a page"


def test_files_that_another_secret_sealed_are_never_strays(files):
    ours, theirs = (EvidenceStore(files, Vault(secret * 8)) for secret in (b"ours", b"theirs"))
    one, other = uuid4(), uuid4()
    ours.put(one, 0, b"a page")
    theirs.put(other, 0, b"a page")

    ours.remove_strays([kept.key for kept in files.list()])

    assert [kept.key[3:-2] for kept in files.list()] == [other.hex]


def test_what_was_kept_on_trial_and_left_is_swept(files):
    key = new_trial()
    files.put(key, b"on trial")

    files.sweep(0.0)
    assert files.get(key) == b"on trial"
    files.sweep(float("inf"))
    assert list(files.list()) == []


def test_many_threads_share_a_place(files):
    keys = [a_key() for _ in range(8)]

    def work(key):
        for _ in range(5):
            files.put(key, key.encode())
            assert files.get(key) == key.encode()

    threads = [threading.Thread(target=work, args=(key,)) for key in keys]
    for one in threads:
        one.start()
    for one in threads:
        ended(one)

    assert {files.get(key) for key in keys} == {key.encode() for key in keys}
