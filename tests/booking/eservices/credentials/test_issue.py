"""Credentials of results: what they say, whom they tell, and the check at a gate without the network."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from booking.eservices.credentials import status
from booking.eservices.credentials.documents import result_claims
from booking.eservices.credentials.fetch import CannotFetchError
from booking.eservices.credentials.give import describe_kind, end_result, issue_credential
from booking.eservices.credentials.sd_jwt import NEVER_HIDDEN, ForgedCredentialError, show_only
from booking.eservices.credentials.status import MOST_PLACES, issuer_document, status_list, status_lists
from booking.eservices.credentials.verify import Standing, UnknownIssuerError, read_issuer, verify
from booking.eservices.online.issue import Content, Row
from booking.platform.base.errors import NotFoundError, TooManyAttemptsError
from booking.platform.base.references import decoded
from booking.platform.models import IssuedCredential, IssuedResult
from tests.support.country import an_account, an_origin
from tests.support.online_cases import INSURANCE, a_filled_draft, result_of

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def issue(country, policy):
    """Give the owner of the policy one more credential."""

    def give(*, with_name=True):
        asked = {"account_id": policy.account, "reference": policy.reference}
        return issue_credential(country, **asked, with_name=with_name, origin=an_origin()).text

    return give


def test_a_gate_without_network_learns_what_the_holder_shows_and_until_when(country, policy, issue, gate):
    result, now, issuer = result_of(country, policy.reference), country.clock.now(), gate()
    found = verify(issue(), issuer, at=now)
    assert found.standing is Standing.VALID
    assert found.kind == describe_kind(country, INSURANCE)["vct"]
    assert found.until.astimezone(ZoneInfo(country.pack.country.time_zone)).date() == result.valid_until + DAY
    assert found.chosen["number"] == result.number
    assert found.chosen["vehicle-class"] == {"ar": "سيارة خاصة", "en": "Private car"}
    labels = {one["path"][0] for one in describe_kind(country, INSURANCE)["claims"]}
    assert set(found.chosen) <= labels, "a wallet has a name for all that it shows"
    assert verify(show_only(issue(), {"number"}), issuer, at=now).chosen == {"number": result.number}

    assert verify(issue(), issuer, at=found.until - SECOND).standing is Standing.UNKNOWN, "the list is too old"
    assert verify(issue(), issuer, at=found.until).standing is Standing.EXPIRED
    assert verify(issue(), issuer, at=now - 2 * DAY).standing is Standing.NOT_YET
    assert verify(issue(), gate(**{"status-lists.json": b'{"status_lists": []}'}), at=now).standing is Standing.VALID


def test_without_a_name_it_says_that_there_is_one_and_nothing_about_whom(country, policy, issue, gate):
    text, result = issue(with_name=False), result_of(country, policy.reference)
    found = verify(text, gate(), at=country.clock.now())
    assert (found.standing, found.chosen) == (Standing.VALID, {})
    signed = json.loads(decoded(text.split(".")[1]))
    assert set(signed) == {"iss", "vct", "iat", "nbf", "exp", "status", "_sd", "_sd_alg"}
    assert result.number not in json.dumps(signed)
    assert signed["iat"] % 3600 == 0, "the moment would join it to what others saw"


def test_a_revoked_result_ends_all_its_credentials_and_no_other(country, policy, issue, gate):
    first, second = issue(), issue(with_name=False)
    before = status_list(country, 0)
    assert status_list(country, 0).same == before.same, "caches may keep it"
    with country.sessions.begin() as session:
        session.execute(
            update(IssuedResult)
            .where(IssuedResult.number == result_of(country, policy.reference).number)
            .values(revoked_at=country.clock.now(), revoked_reason="error")
        )
    assert status_list(country, 0).same != before.same
    issuer, now = gate(), country.clock.now()
    assert [verify(one, issuer, at=now).standing for one in (first, second)] == [Standing.REVOKED] * 2
    assert sum(byte.bit_count() for byte in issuer.lists[status_lists(country)["status_lists"][0]].bits) == 2
    with pytest.raises(NotFoundError):
        issue()


def test_who_holds_back_or_forges_a_list_gains_two_days_or_nothing(country, issue, gate):
    text, old, now = issue(), status_list(country, 0).text, country.clock.now()
    assert verify(text, gate(**{"0": old.encode()}), at=now + 2 * DAY - HOUR).standing is Standing.VALID
    assert verify(text, gate(**{"0": old.encode()}), at=now + 2 * DAY).standing is Standing.UNKNOWN
    assert verify(text, gate(**{"0": old.encode()}), at=now - DAY).standing is not Standing.VALID
    for forged in (old[:-9] + ("A" if old[-9] != "A" else "B") + old[-8:], issue(), ""):
        with pytest.raises(ForgedCredentialError):
            gate(**{"0": forged.encode()})


def test_an_issuer_that_is_another_is_trusted_with_nothing(country, issue, gate):
    document = issuer_document(country)
    for wrong in (b"", b"[]", b"[" * 20_000, json.dumps(document | {"issuer": "https://other.example"}).encode()):
        with pytest.raises(CannotFetchError):
            gate(**{"jwt-vc-issuer": wrong})
    with pytest.raises(CannotFetchError):
        gate(**{"status-lists.json": b'{"status_lists": ["http://localhost:6379/"]}'})
    for wrong in (b"", b"{}", b'{"issuer": "a", "jwks": {"keys": [{"kty": "EC"}]}}'):
        with pytest.raises(UnknownIssuerError):
            read_issuer(wrong)
    other = read_issuer(json.dumps(document | {"issuer": "https://other.example"}).encode())
    with pytest.raises(ForgedCredentialError):
        verify(issue(), other, at=country.clock.now())


def test_of_a_case_of_somebody_else_or_without_a_result_there_is_no_credential(country, policy, issue):
    draft = a_filled_draft(country, INSURANCE)
    for account, reference in ((an_account(country), policy.reference), (draft.account, draft.reference)):
        with pytest.raises(NotFoundError):
            issue_credential(country, account_id=account, reference=reference, with_name=False, origin=an_origin())
    country.clock.advance(timedelta(days=40))
    with pytest.raises(NotFoundError):
        issue()


def test_who_takes_and_ends_without_end_fills_no_lists(country, policy, issue):
    with pytest.raises(TooManyAttemptsError):  # noqa: PT012 - one of them is refused
        for _ in range(30):
            issue(with_name=False)
            end_result(country, account_id=policy.account, reference=policy.reference)


def test_places_are_random_end_with_a_dozen_and_go_on_in_another_list(country, issue, monkeypatch):
    monkeypatch.setattr(status, "POSITIONS", 8)
    texts = [issue(with_name=False) for _ in range(MOST_PLACES + 2)]
    named = [json.loads(decoded(one.split(".")[1]))["status"]["status_list"] for one in texts]
    seen = [(one["uri"], one["idx"]) for one in named]
    assert len(set(seen[:MOST_PLACES])) == MOST_PLACES
    assert set(seen[MOST_PLACES:]) < set(seen[:MOST_PLACES]), "the ones from longest ago are given out again"
    with country.sessions() as session:
        assert len(session.scalars(select(IssuedCredential)).all()) == MOST_PLACES
    assert 1 < len({uri for uri, _ in seen}) == len(status_lists(country)["status_lists"])
    with pytest.raises(NotFoundError):
        status_list(country, len(status_lists(country)["status_lists"]))


def test_downloads_at_the_same_moment_share_the_dozen_places(country, issue):
    for _ in range(MOST_PLACES - 2):
        issue(with_name=False)
    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(lambda _: issue(with_name=False), range(6)))
    with country.sessions() as session:
        assert len(session.scalars(select(IssuedCredential)).all()) == MOST_PLACES


def test_no_answer_is_said_in_the_issuers_name():
    typed = [Row(code, "ما كُتب", "What was typed", "typed", "typed") for code in ("number", "holder", "exp", "made")]
    claims = result_claims("7K2M9D4QX", date(2027, 1, 15), Content("نور الخيالية", "", tuple(typed)))
    assert (claims["number"], claims["holder"]) == ("7K2M9D4QX", "نور الخيالية")
    assert [claims[one] for one in ("form:number", "form:holder", "form:exp", "made")] == ["typed"] * 4


def test_each_kind_of_the_pack_keeps_the_names_of_the_issuer_and_of_the_check(country):
    told = [describe_kind(country, one.code)["claims"] for one in country.pack.services if one.issues]
    names = [[one["path"][0] for one in claims] for claims in told]
    assert all(len(set(one)) == len(one) and not NEVER_HIDDEN & set(one) for one in names)
    asked = [one for claims in told for one in claims if one["path"] == ["form:number"]]
    assert asked
    assert all(one["display"][1]["label"] != "Document number" for one in asked)


def test_an_owner_who_lost_a_phone_ends_every_credential_and_takes_another(country, policy, issue, gate):
    lost = [issue() for _ in range(MOST_PLACES)]
    end_result(country, account_id=policy.account, reference=policy.reference)
    text, issuer, now = issue(), gate(), country.clock.now()
    assert {verify(one, issuer, at=now).standing for one in lost} == {Standing.REVOKED}
    assert verify(text, issuer, at=now).standing is Standing.VALID
    with pytest.raises(NotFoundError):
        end_result(country, account_id=an_account(country), reference=policy.reference)
    assert verify(text, gate(), at=now).standing is Standing.VALID
