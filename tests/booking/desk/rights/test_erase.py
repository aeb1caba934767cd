from datetime import timedelta

import pytest
from sqlalchemy import Text, cast, inspect, literal_column, select, table

from booking.country.core.register import open_national_number, seal_national_number, seal_phone
from booking.desk.rights.erase import erase_closed
from booking.eservices.online import decide
from booking.eservices.online.issue import Content, read_content
from booking.eservices.online.officers import claim
from booking.eservices.online.rows import read_answers_of
from booking.people.accounts.household import remove_member
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import WrongCredentialsError
from booking.platform.base.fields import EARLIEST_BIRTH
from booking.platform.models import (
    Account,
    Appeal,
    AuditEntry,
    ContactChannel,
    HouseholdMember,
    IssuedResult,
    Message,
    OnlineCase,
    Person,
    Request,
    Verdict,
)
from booking.platform.models.states import AppealState
from booking.scheduling.requests.ask import ask
from tests.support import online_cases
from tests.support.country import PASSWORD, a_member, a_request, a_wish, an_account, an_origin, eligible_number
from tests.support.edits import change_request
from tests.support.urgent_cases import a_draft

PLANTED = "زمردة النادرة"


@pytest.fixture
def after(core, clock):
    """Let days pass since the closing, and the night's job run."""
    start = clock.now()

    def act(days):
        clock.set(start + timedelta(days=days))
        return erase_closed(core)

    return act


def everything(core):
    """Every value of every table as text, for a search of what should be gone."""
    with core.sessions() as session:
        names = inspect(session.connection()).get_table_names()
        return "\n".join(
            row
            for name in names
            for row in session.scalars(select(cast(literal_column(name), Text)).select_from(table(name)))
        )


def account_of(core, account_id):
    with core.sessions() as session:
        return session.get_one(Account, account_id)


def test_names_phone_and_numbers_are_nowhere_in_the_database(core, close, after):
    number = eligible_number(core)
    account_id = an_account(core)
    a_member(core, account_id, name=PLANTED, number=number)
    account = account_of(core, account_id)
    traces = [
        *(PLANTED, account.username, account.phone_hash.hex(), account.phone_ciphertext.hex()),
        seal_national_number(core.vault, number).hash.hex(),
    ]
    assert all(trace in everything(core) for trace in traces)
    close(account_id)
    assert after(29) == 0

    assert after(30) == 1

    left = everything(core)
    assert [trace for trace in traces if trace in left] == []
    with core.sessions() as session:
        assert session.scalars(select(Person)).all() == []
        assert session.scalars(select(Message).where(Message.account_id == account_id)).all() == []
    assert after(31) == 0
    with pytest.raises(WrongCredentialsError):
        sign_in(core, username=account.username, password=PASSWORD, origin=an_origin())


def test_a_person_who_asked_stays_as_a_pseudonym(core, close, after):
    account_id, _ = a_request(core)
    close(account_id)

    after(30)

    with core.sessions() as session:
        person, request = session.scalars(select(Person)).one(), session.scalars(select(Request)).one()
    assert open_national_number(core.vault, person) == ""
    assert person.birth_date == EARLIEST_BIRTH
    assert request.receipt != b""


def test_a_person_who_left_a_request_and_the_household_is_emptied_too(core, close, after):
    account_id = an_account(core)
    leaving, staying = (a_member(core, account_id) for _ in range(2))
    asked = ask(core, account_id=account_id, wish=a_wish((leaving, staying)), origin=an_origin())
    change_request(core, account_id=account_id, reference=asked.reference, people=(staying,))
    remove_member(core, account_id=account_id, member_id=leaving)
    close(account_id)

    after(30)

    with core.sessions() as session:
        people = session.scalars(select(Person)).all()
    assert {open_national_number(core.vault, person) for person in people} == {""}


def test_a_person_for_whom_somebody_else_acts_stays_who_they_are(core, close, after):
    number = eligible_number(core)
    leaving, staying = an_account(core), an_account(core)
    a_member(core, leaving, number=number)
    a_member(core, staying, number=number)
    close(leaving)

    after(30)

    with core.sessions() as session:
        assert open_national_number(core.vault, session.scalars(select(Person)).one()) == number
        assert session.scalars(select(HouseholdMember.account_id)).one() == staying


def test_words_go_after_their_days_and_keyed_hashes_last(core, close, after):
    case = a_draft(core)
    with core.sessions.begin() as session:
        verdict = session.scalars(select(Verdict)).one()
        verdict.note = PLANTED
        request = session.scalars(select(Request)).one()
        session.add(
            Appeal(
                request_id=request.id,
                verdict_id=verdict.id,
                words=PLANTED,
                state=AppealState.OPEN,
                created_at=core.clock.now(),
                answer_by=core.today(),
            )
        )
    close(case.account)
    with core.sessions() as session:
        assert session.scalars(select(Appeal.state)).one() is AppealState.WITHDRAWN
    assert after(30) == 1
    assert PLANTED in everything(core)

    assert after(180) == 1

    assert PLANTED not in everything(core)
    phone = request.phone_hash.hex()
    assert phone in everything(core)
    assert after(730) == 1
    assert phone not in everything(core)
    assert after(731) == 0


def test_an_account_waits_while_an_agency_decides(core, close, after):
    officer = online_cases.a_caseworker(core)
    asked = online_cases.with_agency(core)
    claim(core, officer_id=officer, reference=asked.reference)
    close(asked.account)

    assert after(40) == 0

    assert account_of(core, asked.account).erased_at is None


def test_what_a_result_shows_stays_until_it_ends(core, close, after):
    officer = online_cases.a_caseworker(core)
    asked = online_cases.with_agency(core)
    online_cases.decided(core, asked, officer)
    decide.issue(core, officer_id=officer, reference=asked.reference)
    result = online_cases.result_of(core, asked.reference)
    holder = read_content(core.vault, result.id, result.content).holder
    with core.sessions.begin() as session:
        session.get_one(IssuedResult, result.id).valid_until = core.today() + timedelta(days=60)
    close(asked.account)

    after(30)
    kept = online_cases.result_of(core, asked.reference)
    assert read_content(core.vault, kept.id, kept.content).holder == holder

    after(61)
    ended = online_cases.result_of(core, asked.reference)
    assert read_content(core.vault, ended.id, ended.content) == Content("", "", ())
    with core.sessions() as session:
        assert open_national_number(core.vault, session.scalars(select(Person)).one()) == ""
        case = session.scalars(select(OnlineCase)).one()
        assert read_answers_of(core.vault, case) != {}
    after(180)
    assert read_answers_of(core.vault, online_cases.stored(core, asked.reference)) == {}


def test_channels_go_and_the_log_says_how_many_accounts(core, close, after):
    account_id = an_account(core)
    with core.sessions.begin() as session:
        session.add(
            ContactChannel(account_id=account_id, kind="email", address_ciphertext=b"x", created_at=core.clock.now())
        )
    close(account_id)

    after(30)

    with core.sessions() as session:
        assert session.scalars(select(ContactChannel)).all() == []
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "accounts.erased")).one()
    assert entry.details == {"names": 1, "words": 0, "traces": 0, "results": 0}
    assert str(account_id) not in str(entry.details) + entry.subject


def test_an_account_that_was_opened_again_is_not_erased(core, close, after):
    account_id, _ = a_request(core)
    close(account_id)
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        account.closed_at, account.closed_by_owner = None, False

    assert after(40) == 0

    phone = account_of(core, account_id).phone_hash
    assert phone != b""
    assert phone != seal_phone(core.vault, "").hash
