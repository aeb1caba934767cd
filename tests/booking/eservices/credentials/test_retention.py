"""What is kept of credentials and offers, and how long."""

from datetime import timedelta

from sqlalchemy import select, update

from booking.eservices.credentials.give import issue_credential
from booking.eservices.credentials.offer import OFFER_LASTS
from booking.eservices.credentials.status import KEPT, remove_old_credentials, status_list
from booking.platform.models import CredentialOffer, IssuedCredential, IssuedResult
from tests.support.country import an_origin
from tests.support.online_cases import result_of


def test_places_outlive_what_they_stand_for_by_a_month(country, policy, offer):
    offer()
    result = result_of(country, policy.reference)
    asked = {"account_id": policy.account, "reference": policy.reference}
    issue_credential(country, **asked, with_name=False, origin=an_origin())
    country.clock.advance(OFFER_LASTS - timedelta(seconds=1))
    assert remove_old_credentials(country) == 0
    country.clock.advance(timedelta(seconds=1))
    assert remove_old_credentials(country) == 1, "the offer"
    country.clock.advance(timedelta(days=(result.valid_until - country.today()).days) + KEPT)
    assert remove_old_credentials(country) == 0
    country.clock.advance(timedelta(days=1))
    assert remove_old_credentials(country) == 1
    with country.sessions() as session:
        assert session.scalars(select(IssuedCredential)).all() == []
        assert session.scalars(select(CredentialOffer)).all() == []
    assert status_list(country, 0).text, "the first list is always there"


def test_what_has_no_last_day_keeps_its_places_for_good(country, policy):
    asked = {"account_id": policy.account, "reference": policy.reference}
    issue_credential(country, **asked, with_name=False, origin=an_origin())
    with country.sessions.begin() as session:
        mine = update(IssuedResult).where(IssuedResult.id == result_of(country, policy.reference).id)
        session.execute(mine.values(valid_until=None, revoked_at=country.clock.now(), revoked_reason="error"))
    before = status_list(country, 0).same.rpartition(" ")[2]
    country.clock.advance(timedelta(days=4_000))
    assert remove_old_credentials(country) == 0
    assert status_list(country, 0).same.rpartition(" ")[2] == before
