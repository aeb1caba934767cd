"""Evidence in parts: nothing that came is lost, nothing is taken twice, and nothing stays for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from booking.people.evidence.accept import LARGEST_FILE
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import EvidenceUpload
from booking.scheduling.urgent.ask import withdraw_case
from booking.scheduling.urgent.errors import UploadOffsetError, UploadOverError
from booking.scheduling.urgent.evidence import (
    MOST_BEGUN,
    MOST_OPEN,
    add_part,
    begin_upload,
    finish_upload,
    remove_old_uploads,
    upload_progress,
)
from tests.support.country import an_account, an_origin
from tests.support.urgent_cases import a_draft, a_photo
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours


class Sender:
    """Somebody who sends a file for a case."""

    def __init__(self, core):
        self.core, self.case = core, a_draft(core)
        self.whose = {"account_id": self.case.account, "request_reference": self.case.request}

    def begin(self, length):
        self.core.clock.advance(timedelta(seconds=1))
        return begin_upload(self.core, **self.whose, length=length).upload_id

    def part(self, upload, offset, content):
        return add_part(self.core, **self.whose, upload_id=upload, offset=offset, content=content).received

    def progress(self, upload):
        return upload_progress(self.core, **self.whose, upload_id=upload).received

    def finish(self, upload):
        return finish_upload(self.core, **self.whose, upload_id=upload, origin=an_origin())

    def files(self, upload):
        return sorted(self.core.settings.evidence_folder.glob(f"*/{upload.hex}-*"))


@pytest.fixture
def sender(country):
    return Sender(country)


def reason_of(call, *arguments):
    with pytest.raises(InvalidInputError) as refused:
        call(*arguments)
    return refused.value.errors[0].reason


def test_a_file_in_three_parts_becomes_evidence_once_and_its_parts_are_gone(sender):
    photo = a_photo(size=(900, 600))
    upload = sender.begin(len(photo))
    assert reason_of(sender.finish, upload) == "upload_incomplete"
    for start in range(0, len(photo), 2000):
        sender.part(upload, start, photo[start : start + 2000])
    kept = b"".join(path.read_bytes() for path in sender.files(upload))
    assert photo[100:140] not in kept, "parts lie encrypted"
    assert {path.stat().st_mode & 0o077 for path in sender.files(upload)} == {0}
    made = sender.finish(upload)
    assert sender.finish(upload) == made
    assert sender.files(upload) == []
    with sender.core.sessions() as session:
        assert session.get(EvidenceUpload, upload).evidence_id == made
    with pytest.raises(UploadOverError):
        sender.part(upload, len(photo), b"more")


def test_ten_copies_of_a_part_are_stored_once(sender):
    upload, together = sender.begin(40), Barrier(10, timeout=PATIENCE)

    def send(_):
        together.wait()
        try:
            return sender.part(upload, 0, b"x" * 20)
        except UploadOffsetError as error:
            return -error.received

    with ThreadPoolExecutor(10) as threads:
        assert sorted(threads.map(send, range(10))) == [-20] * 9 + [20]
    assert sender.progress(upload) == 20
    with pytest.raises(UploadOffsetError):
        sender.part(upload, 30, b"a gap")
    assert reason_of(sender.part, upload, 20, b"x" * 21) == "longer_than_announced"
    assert sender.part(upload, 20, b"") == 20


def test_too_large_or_too_many_uploads_are_refused(sender):
    assert reason_of(sender.begin, 0) == "no_evidence"
    assert reason_of(sender.begin, LARGEST_FILE + 1) == "too_large_file"
    uploads = [sender.begin(10) for _ in range(MOST_OPEN)]
    sender.part(uploads[0], 0, b"12345")
    sender.begin(10)  # ends the oldest
    with pytest.raises(UploadOverError):
        sender.progress(uploads[0])
    assert sender.files(uploads[0]) == []
    assert [sender.progress(one) for one in uploads[1:]] == [0, 0]
    for _ in range(MOST_BEGUN - MOST_OPEN - 1):
        sender.begin(10)
    assert reason_of(sender.begin, 10) == "too_many_uploads"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"MZ" + b"\0" * 500, "executable_file"), (b"\xff\xd8\xffno photo" * 9, "damaged_file")],
    ids=["program", "broken"],
)
def test_a_bad_file_in_parts_is_refused_and_nothing_of_it_is_kept(sender, content, reason):
    upload = sender.begin(len(content))
    sender.part(upload, 0, content[:50])
    sender.part(upload, 50, content[50:])
    assert reason_of(sender.finish, upload) == reason
    assert sender.files(upload) == []
    with pytest.raises(UploadOverError):
        sender.finish(upload)


def test_an_upload_is_open_only_to_its_owner(country, sender):
    upload = sender.begin(10)
    for account, request in (
        (an_account(country), sender.case.request),
        (sender.case.account, a_draft(country).request),
    ):
        with pytest.raises(NotFoundError):
            add_part(
                country, account_id=account, request_reference=request, upload_id=upload, offset=0, content=b"12345"
            )
    with pytest.raises(NotFoundError):
        sender.progress(uuid4())
    withdraw_case(country, **sender.whose)
    with pytest.raises(NotFoundError):
        sender.begin(10)


def test_an_upload_that_broke_off_is_forgotten_after_a_day(country, sender):
    upload = sender.begin(10)
    sender.part(upload, 0, b"12345")
    country.clock.advance(timedelta(hours=23))
    assert remove_old_uploads(country) == 0
    assert sender.progress(upload) == 5
    country.clock.advance(timedelta(hours=2))
    with pytest.raises(UploadOverError):
        sender.progress(upload)
    assert remove_old_uploads(country) >= 1
    assert sender.files(upload) == []
