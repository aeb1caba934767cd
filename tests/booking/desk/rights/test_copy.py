import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.desk.rights.copy import ask_for_copy, copy_state, copy_store, fetch_copy, make_copy, remove_old_copies
from booking.desk.rights.errors import CopyNotThereError, CopyWaitsError
from booking.desk.rights.tables import tables
from booking.people.accounts import recovery_codes, second_factor
from booking.people.accounts.errors import PhoneAloneError, WrongSecondFactorError
from booking.people.accounts.second_step import Proof
from booking.platform.base.errors import WrongCredentialsError
from booking.platform.models import Account, AccountCopy, HouseholdMember, Message
from tests.support import online_cases
from tests.support.country import BORN, PASSWORD, a_member, a_request, an_account, an_origin
from tests.support.urgent_cases import a_quick_case_with_officers

pytestmark = pytest.mark.neighbours


def a_proof(*, password=PASSWORD, code=""):
    return Proof("", code=code, password=password)


def ask(core, account_id, **proof):
    ask_for_copy(core, account_id=account_id, proof=a_proof(**proof), origin=an_origin())
    with core.sessions() as session:
        newest = select(AccountCopy.id).where(AccountCopy.account_id == account_id, AccountCopy.removed_at.is_(None))
        return session.scalars(newest).one()


def fetch(core, account_id, **proof):
    return fetch_copy(core, account_id=account_id, proof=a_proof(**proof), origin=an_origin())


def a_copy(core, account_id):
    make_copy(core, ask(core, account_id))
    return zipfile.ZipFile(io.BytesIO(fetch(core, account_id)))


def data_of(file):
    return json.loads(file.read("data.json"))["data"]


def files_on_disk(core):
    return [path for path in (core.settings.evidence_folder / "copies").rglob("*") if path.is_file()]


def test_a_copy_has_what_was_asked_and_who_the_people_are(core):
    account_id, asked = a_request(core)

    file = a_copy(core, account_id)

    data = data_of(file)
    assert list(data) == [name for name, table in tables().items() if table.copied]
    [account], [person], [request] = data["account"], data["person"], data["request"]
    assert account["phone"].startswith("+96394")
    assert len(person["national_number"]) == 11
    assert (request["reference"], request["service"]) == (asked.reference, "passport-renewal")
    assert data["request_member"][0]["person"] == data["household_member"][0]["name"] == "أمل الخيالية"
    page = file.read("index.html").decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert asked.reference in page
    assert "الرقم الوطني" in page


def test_the_pages_of_papers_and_the_answers_of_cases_are_inside(core):
    case = a_quick_case_with_officers(core)
    assert [name for name in a_copy(core, case.account).namelist() if name.startswith("files/")] != []

    online_cases.a_caseworker(core)
    asked = online_cases.with_agency(core)
    file = a_copy(core, asked.account)
    [kept] = data_of(file)["online_case"]
    assert kept["answers"] == online_cases.valid_answers(core, core.pack.service(online_cases.CLEARANCE))
    assert len([name for name in file.namelist() if name.endswith(".jpg")]) == len(data_of(file)["online_paper"]) > 0


def test_nothing_of_others_is_in_it_even_of_the_same_person(core):
    account_id, asked = a_request(core)
    other = an_account(core)
    data = data_of(a_copy(core, account_id))
    member = a_member(core, other, name="أمل", number=data["person"][0]["national_number"], proven=False)
    with core.sessions.begin() as session:  # who types a number with any day would read the right one here
        session.get_one(HouseholdMember, member).typed_birth_date = date(1980, 1, 1)

    file = a_copy(core, other)

    others = data_of(file)
    assert others["request"] == others["verdict"] == []
    assert [one["name"] for one in others["household_member"]] == ["أمل"]
    assert asked.reference.encode() not in file.read("data.json")
    assert BORN.isoformat().encode() not in file.read("data.json")


def test_markup_in_a_name_stays_text_in_the_page(core):
    account_id = an_account(core)
    member = a_member(core, account_id)
    with core.sessions.begin() as session:
        session.get_one(HouseholdMember, member).name = "<script>alert(1)</script>"

    page = a_copy(core, account_id).read("index.html").decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_copy_is_fetched_once_and_its_files_are_gone(core):
    account_id = an_account(core)
    make_copy(core, ask(core, account_id))
    assert copy_state(core, account_id).until is not None
    [file] = files_on_disk(core)
    assert not file.read_bytes().startswith(b"PK")

    fetch(core, account_id)

    assert files_on_disk(core) == []
    assert copy_state(core, account_id) is None
    with pytest.raises(CopyNotThereError):
        fetch(core, account_id)


def test_a_phone_stolen_for_an_hour_takes_no_copy_away(core, clock):
    account_id, stolen = an_account(core), an_account(core)
    make_copy(core, ask(core, stolen))
    with core.sessions.begin() as session:
        for one in (account_id, stolen):
            session.get_one(Account, one).password_reset_at = clock.now()
    with pytest.raises(PhoneAloneError):
        ask(core, account_id)
    with pytest.raises(PhoneAloneError):
        fetch(core, stolen)
    clock.set(clock.now() + core.settings.phone_change_wait)
    ask(core, account_id)


@pytest.mark.alone
def test_a_copy_asked_for_twice_is_made_once(core, clock):
    account_id = an_account(core)
    copy_id = ask(core, account_id)
    with pytest.raises(CopyWaitsError):
        ask(core, account_id)
    make_copy(core, copy_id)
    make_copy(core, copy_id)
    with core.sessions() as session:
        told = select(Message.kind).where(Message.account_id == account_id, Message.kind == "copy_ready")
        assert len(session.scalars(told).all()) == 1

    fetch(core, account_id)
    with pytest.raises(CopyWaitsError):
        ask(core, account_id)
    clock.set(clock.now() + timedelta(days=1, seconds=1))
    ask(core, account_id)


def test_a_copy_needs_a_fresh_proof_to_be_asked_for_and_to_be_fetched(core):
    account_id = an_account(core)
    with pytest.raises(WrongCredentialsError):
        ask(core, account_id, password="not the password")
    make_copy(core, ask(core, account_id))
    with pytest.raises(WrongCredentialsError):
        fetch(core, account_id, password="not the password")

    assert fetch(core, account_id).startswith(b"PK")


def test_with_a_second_factor_the_password_alone_fetches_nothing(core):
    account_id = an_account(core)
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=account_id, secret=second_factor.new_secret(), step=0)
        codes = recovery_codes.keep(session, account_id, recovery_codes.make(core, account_id))
    make_copy(core, ask(core, account_id, code=codes[0]))

    with pytest.raises(WrongSecondFactorError):
        fetch(core, account_id)
    with pytest.raises(WrongSecondFactorError):
        fetch(core, account_id, code=codes[0])
    assert fetch(core, account_id, code=codes[1]).startswith(b"PK")


def test_nobody_fetches_the_copy_of_another_account(core):
    make_copy(core, ask(core, an_account(core)))

    with pytest.raises(CopyNotThereError):
        fetch(core, an_account(core))


@pytest.mark.alone
def test_a_copy_that_nobody_fetched_is_gone_after_seven_days(core, clock):
    account_id = an_account(core)
    make_copy(core, ask(core, account_id))
    clock.set(clock.now() + timedelta(days=7))
    with pytest.raises(CopyNotThereError):
        fetch(core, account_id)
    clock.set(clock.now() + timedelta(seconds=1))

    assert remove_old_copies(core) == 1

    assert files_on_disk(core) == []
    assert remove_old_copies(core) == 0


def test_closing_the_account_removes_its_copy_even_one_that_is_made_later(core, close):
    made, waiting = an_account(core), an_account(core)
    make_copy(core, ask(core, made))
    later = ask(core, waiting)
    close(made)
    close(waiting)

    make_copy(core, later)

    assert files_on_disk(core) == []
    with pytest.raises(CopyNotThereError):
        fetch(core, made)
    with pytest.raises(CopyWaitsError):
        ask(core, made)


def test_a_large_copy_is_kept_in_parts(core, monkeypatch):
    monkeypatch.setattr("booking.desk.rights.copy.PART", 1000)
    account_id, _ = a_request(core)
    copy_id = ask(core, account_id)
    make_copy(core, copy_id)

    assert len(files_on_disk(core)) > 1
    assert len(copy_store(core).get(copy_id, 0)) == 1000
    assert zipfile.ZipFile(io.BytesIO(fetch(core, account_id))).testzip() is None
