"""A bucket that lies about a write, is slow, refuses, or is not there: nobody is told a lie, or waits for long."""

import sys
import time
from datetime import timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.bounded_http import FAILURES
from booking.platform.base.clock import SystemClock
from booking.platform.base.settings import SettingsError
from booking.platform.base.vault import Vault
from booking.platform.files import watched as opening
from booking.platform.files.place import Cause, FileMissingError, FilesAwayError, FilesState
from booking.platform.files.watched import open_files
from tests.support.certificates import a_certificate, an_authority
from tests.support.country import cheap_settings
from tests.support.file_places import a_bucket, drip, forget, never_answer, refuse, spoil

pytestmark = pytest.mark.slow

HEX = uuid4().hex
KEY = f"{HEX[:2]}/{HEX}-0"
SHORT = timedelta(milliseconds=300)
LONG = cheap_settings().s3_answer_within.total_seconds()
"""What a call takes at least that the setting of a test does not bound."""


def cause_of(act, *words):
    with pytest.raises(FilesAwayError) as raised:
        act(*words)
    return raised.value.cause


@pytest.mark.parametrize("lie", [forget, spoil])
def test_a_write_that_cannot_be_read_back_does_not_count(bucket, lie):
    files = open_files(bucket.settings())
    bucket.fault = lie

    assert cause_of(files.put, KEY, b"a page") is Cause.LIED


def test_a_page_that_was_not_kept_is_refused_and_the_next_one_is_taken(bucket, caplog):
    files, one = open_files(bucket.settings()), uuid4()
    store = EvidenceStore(files, Vault(b"secret" * 8))
    bucket.fault = forget
    with pytest.raises(EvidenceUnavailableError):
        store.put(one, 0, b"a page")
    bucket.fault = None
    store.put(one, 0, b"a page")

    assert store.get(one, 0) == b"a page"
    told = [record.msg for record in caplog.records if record.name == "booking.platform.files.watched"]
    assert [(line["event"], line.get("cause")) for line in told] == [("files_away", "lied"), ("files_back", None)]
    assert one.hex not in caplog.text


@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        (403, "AccessDenied", Cause.REFUSED),
        (403, "InvalidAccessKeyId", Cause.REFUSED),
        (404, "NoSuchBucket", Cause.NO_BUCKET),
        (507, "StorageFull", Cause.FULL),
        (503, "SlowDown", Cause.BROKEN),
    ],
)
def test_a_bucket_that_refuses_says_why(bucket, status, code, cause):
    files = open_files(bucket.settings())
    bucket.fault = refuse(status, code)

    assert {cause_of(files.put, KEY, b"a page"), cause_of(files.get, KEY), cause_of(files.look)} == {cause}
    assert files.calls.state is FilesState.AWAY


@pytest.mark.parametrize("fault", [never_answer, drip])
def test_a_slow_bucket_keeps_nobody_for_long(bucket, fault):
    files = open_files(bucket.settings(s3_answer_within=SHORT))
    bucket.fault = fault

    began = time.monotonic()
    assert cause_of(files.get, KEY) is Cause.SLOW
    assert time.monotonic() - began < LONG


def test_after_some_calls_without_an_answer_nobody_waits_at_all(bucket):
    files = open_files(bucket.settings(s3_answer_within=SHORT))
    bucket.fault = never_answer
    for _ in range(FAILURES):
        cause_of(files.head, KEY, 9)

    assert cause_of(files.put, KEY, b"a page") is Cause.SLOW
    assert "PUT" not in bucket.asked
    assert files.calls.read().ended["put", "not_asked"] == 1


def test_a_file_that_is_missing_is_no_fault_of_the_bucket(bucket):
    files = open_files(bucket.settings())

    with pytest.raises(FileMissingError):
        files.get(KEY)
    assert files.calls.state is FilesState.ANSWERS


def test_wrong_keys_and_a_missing_bucket_are_told_apart(bucket):
    wrong = open_files(bucket.settings(s3_secret_key=SecretStr("another secret")))
    other = open_files(bucket.settings(s3_bucket="no-such-bucket"))

    assert cause_of(wrong.put, KEY, b"x") is Cause.REFUSED
    assert cause_of(other.put, KEY, b"x") is Cause.NO_BUCKET


def test_a_server_that_does_not_run_is_unreachable():
    files = open_files(
        cheap_settings(
            s3_bucket="mawid-files",
            s3_endpoint="http://127.0.0.1:9",
            s3_access_key=SecretStr("a"),
            s3_secret_key=SecretStr("b"),
        )
    )

    assert cause_of(files.get, KEY) is Cause.UNREACHABLE


def test_a_bucket_behind_an_authority_of_its_own_is_reached_where_that_is_named(tmp_path):
    authority, server = an_authority(tmp_path)
    with a_bucket(tmp_path / "server", certificate=server) as bucket:
        open_files(bucket.settings(s3_ca_file=authority)).put(KEY, b"a page")

        assert bucket.keys() == {KEY}
        assert cause_of(open_files(bucket.settings()).get, KEY) is Cause.UNREACHABLE


def test_what_a_row_no_longer_names_is_removed_later_where_the_bucket_is_away(bucket):
    files, one = open_files(bucket.settings()), uuid4()
    store = EvidenceStore(files, Vault(b"secret" * 8))
    store.put(one, 0, b"a page")
    bucket.fault = refuse(403, "AccessDenied")
    store.remove(one, 1)
    bucket.fault = None

    assert [key for _, key in store.older_than(time.time() + 60)] == [f"{one.hex[:2]}/{one.hex}-0"]


def test_a_prefix_keeps_installations_apart_in_one_bucket(bucket):
    ours, theirs = (open_files(bucket.settings(s3_prefix=name)) for name in ("ours", "theirs/too"))
    ours.put(KEY, b"a page")

    assert bucket.keys() == {f"ours/{KEY}"}
    assert list(theirs.list()) == []
    assert [one.key for one in ours.list()] == [KEY]


def test_the_names_in_a_bucket_say_nothing_of_a_person(bucket):
    store = EvidenceStore(open_files(bucket.settings()), Vault(b"secret" * 8), "consents")
    one = uuid4()
    store.put(one, 3, "رنا خالد".encode())

    assert bucket.keys() == {f"consents/{one.hex[:2]}/{one.hex}-3"}
    [key] = bucket.keys()
    assert "رنا".encode() not in (bucket.folder / key).read_bytes()


def test_how_a_place_does_is_looked_at_beside_whoever_asks(bucket, monkeypatch):
    files, begun = open_files(bucket.settings()), []
    monkeypatch.setattr("booking.platform.files.watched.Thread", lambda **about: begun.append(about) or Mock())
    bucket.fault = refuse(403, "AccessDenied")

    assert [files.state for _ in range(3)] == [FilesState.UNTRIED] * 3
    (look,) = begun
    look["target"]()
    assert files.state is FilesState.AWAY
    assert len(begun) == 1


def test_a_place_that_only_lets_itself_be_seen_stays_away_until_it_keeps_again(bucket, monkeypatch):
    files, begun = open_files(bucket.settings()), []
    monkeypatch.setattr("booking.platform.files.watched.Thread", lambda **about: begun.append(about) or Mock())
    monkeypatch.setattr("booking.platform.files.watched.KNOWN_FOR", -1.0)
    bucket.fault = forget
    cause_of(files.put, KEY, b"a page")

    assert files.state is FilesState.AWAY
    assert list(files.list()) == []
    begun[-1]["target"]()
    assert files.state is FilesState.AWAY
    bucket.fault = None
    begun[-1]["target"]()

    assert files.state is FilesState.ANSWERS
    assert bucket.keys() == set()
    assert files.calls.read().ended == {
        ("put", "lied"): 1,
        ("list", "answered"): 1,
        ("try", "lied"): 1,
        ("try", "answered"): 1,
    }


def test_settings_of_half_a_bucket_are_refused(tmp_path):
    for changes in (
        {"s3_endpoint": "https://s3.example"},
        {"s3_bucket": "mawid-files", "s3_access_key": SecretStr("a")},
        {"s3_bucket": "Not a name"},
        {"s3_bucket": "mawid-files", "s3_endpoint": "https://key:secret@s3.example"},
        {"s3_bucket": "mawid-files", "s3_prefix": "ours/../theirs"},
        {"s3_beside_folder": True},
    ):
        with pytest.raises(ValidationError):
            cheap_settings(**changes)
    with pytest.raises(SettingsError, match="MAWID_S3_CA_FILE"):
        open_files(cheap_settings(s3_bucket="mawid-files", s3_ca_file=tmp_path / "none.pem"))
    (tmp_path / "own.pem").write_bytes(a_certificate(SystemClock().now() + timedelta(days=9)))
    open_files(cheap_settings(s3_bucket="mawid-files", s3_ca_file=tmp_path / "own.pem"))


def test_a_bucket_needs_its_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "booking.platform.files.bucket", None)

    with pytest.raises(SettingsError, match=r"pip install 'mawid\[s3\]'"):
        opening.open_files(cheap_settings(s3_bucket="mawid-files"))


def test_a_bucket_without_tls_is_named_among_the_plain_servers():
    plain = cheap_settings(s3_bucket="mawid-files", s3_endpoint="http://storage:9000")

    assert "MAWID_S3_ENDPOINT" in plain.plain_servers()
    assert "MAWID_S3_ENDPOINT" not in cheap_settings(s3_bucket="mawid-files").plain_servers()
