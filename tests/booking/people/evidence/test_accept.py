from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import false, true

from booking.people.evidence import turns
from booking.people.evidence.accept import Place, accept
from booking.people.evidence.errors import UploadRunningError
from booking.people.evidence.store import EvidenceStore
from booking.people.evidence.turns import own_turn
from booking.platform.base.errors import NotFoundError
from booking.platform.files.folder import FolderFiles
from booking.platform.models import UrgentEvidence
from tests.support.country import an_account, an_origin
from tests.support.urgent_cases import a_photo


def a_place(core, folder, asked_at_most=2):
    """A case without any file that takes one as often as it is asked for, and is closed then."""
    asked = count()

    def owner(_session):
        if next(asked) >= asked_at_most:
            raise NotFoundError

    return Place(
        store=EvidenceStore(FolderFiles(folder), core.vault),
        table=UrgentEvidence,
        owner=owner,
        files_of=lambda _: false(),
        same=lambda _: true(),
        row=lambda *_: UrgentEvidence(),
        most_tries=1,
    )


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_no_page_is_kept_when_the_case_closes_during_conversion(core, tmp_path):
    place = a_place(core, tmp_path, asked_at_most=1)

    with pytest.raises(NotFoundError):
        accept(core, place, a_photo(), by=an_account(core), origin=an_origin())

    assert files(tmp_path) == []


def test_no_page_is_kept_when_its_row_cannot_be_written(core, tmp_path):
    place = a_place(core, tmp_path)

    with pytest.raises(Exception, match="null value"):
        accept(core, place, a_photo(), by=an_account(core), origin=an_origin())

    assert files(tmp_path) == []


def test_an_account_has_one_file_converted_at_a_time(core, tmp_path):
    place, account = a_place(core, tmp_path), an_account(core)

    with own_turn(core, account), pytest.raises(UploadRunningError):
        accept(core, place, a_photo(), by=account, origin=an_origin())

    assert files(tmp_path) == []


def test_a_turn_is_renewed_while_it_lasts_and_ends_soon_after_a_killed_process(core, monkeypatch):
    monkeypatch.setattr(turns, "HELD", 0.3)
    account, left = uuid4(), []
    with own_turn(core, account):
        while len(left) < 2 or left[-1] <= left[-2]:  # it is seen to grow again
            left.append(core.redis.pttl(f"{{mawid}}:upload:{account}"))
        assert 0 < max(left) <= 300  # all that a process that is killed now leaves behind
        with pytest.raises(UploadRunningError), own_turn(core, account):
            pass
    with own_turn(core, account):
        pass
