"""Who stops acting for a person, because somebody proved better, has no more of what was issued to that person."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from booking.desk.rights.own_rows import OwnRows
from booking.eservices.credentials.documents import own_result
from booking.eservices.credentials.give import issue_credential, write_in
from booking.eservices.credentials.verify import Standing, verify
from booking.eservices.online.check import own_certificate
from booking.eservices.online.views import list_own, own_view, view_of
from booking.people.identity.attest import attest
from booking.platform.base.errors import NotFoundError
from booking.platform.models import CredentialOffer, IssuedCredential
from booking.platform.models.identity import ProofKind
from tests.support.country import a_member, an_account, an_origin, eligible_number, forget_proofs
from tests.support.online_cases import INSURANCE, result_of, stored, with_agency
from tests.support.waiting import PATIENCE


@pytest.fixture
def number(country):
    return eligible_number(country)


@pytest.fixture
def policy(country, number):
    return with_agency(country, INSURANCE, number=number, months=1, proven=True)


def somebody_proves_better(core, number, account_id=None):
    account_id = account_id or an_account(core)
    member = a_member(core, account_id, number=number, proven=False)
    attest(core, account_id=account_id, member_id=member, kind=ProofKind.PROVIDER, by="sign-in 7")


def take(core, policy):
    asked = {"account_id": policy.account, "reference": policy.reference}
    return issue_credential(core, **asked, with_name=True, origin=an_origin()).text


def test_what_an_account_took_ends_and_it_can_take_no_more(country, policy, number, offer, gate):
    taken = take(country, policy)
    offer()
    forget_proofs(country, policy.account)

    somebody_proves_better(country, number)

    assert verify(taken, gate(), at=country.clock.now()).standing is Standing.REVOKED
    with country.sessions() as session:
        assert session.scalars(select(CredentialOffer)).all() == []
    for give in (take, lambda core, asked: own_certificate(core, account_id=asked.account, reference=asked.reference)):
        with pytest.raises(NotFoundError):
            give(country, policy)
    assert own_view(country, account_id=policy.account, reference=policy.reference).result is None
    assert [line.number for line in list_own(country, policy.account)] == [None]
    with country.sessions() as session:
        assert OwnRows(session, country, policy.account).read("issued_result") == []
        assert view_of(session, country, session.merge(stored(country, policy.reference))).result is not None
    assert result_of(country, policy.reference).revoked_at is None, "the document itself goes on"


def test_who_proves_the_person_anew_has_it_again(country, policy, number):
    forget_proofs(country, policy.account)
    somebody_proves_better(country, number)
    somebody_proves_better(country, number, policy.account)
    assert take(country, policy)


def test_a_credential_that_is_being_given_is_ended_too(country, policy, number):
    forget_proofs(country, policy.account)
    with ThreadPoolExecutor(1) as thread:
        with country.sessions.begin() as session:
            document = own_result(session, country, account_id=policy.account, reference=policy.reference)
            ending = thread.submit(somebody_proves_better, country, number)
            write_in(session, country, document, whole=True)
        ending.result(PATIENCE)
    with country.sessions() as session:
        assert [one.ended_at is not None for one in session.scalars(select(IssuedCredential))] == [True]
