"""From an offer to a credential in a wallet, once; and everything that a wallet or a thief may bring instead."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from booking.eservices.credentials import status
from booking.eservices.credentials.documents import result_claims
from booking.eservices.credentials.fetch import CannotFetchError
from booking.eservices.credentials.give import (
    MOST_AT_ONCE,
    NOTICE,
    describe_kind,
    end_result,
    give_credentials,
    issue_credential,
)
from booking.eservices.credentials.key_binding import Asked
from booking.eservices.credentials.offer import MOST_TRIES, OFFER_LASTS, offer_result
from booking.eservices.credentials.sd_jwt import NEVER_HIDDEN, ForgedCredentialError, show_only
from booking.eservices.credentials.status import MOST_PLACES, issuer_document, status_list, status_lists
from booking.eservices.credentials.token import TOKEN_LASTS, Refusal, WalletRefusedError, exchange_code, new_nonce
from booking.eservices.credentials.verify import Standing, UnknownIssuerError, read_issuer, verify
from booking.eservices.online.issue import Content, Row
from booking.people.accounts.known_devices import forget_for_new_password
from booking.platform.base.errors import NotFoundError, TooManyAttemptsError
from booking.platform.base.references import decoded
from booking.platform.models import Account, CredentialOffer, IssuedCredential, IssuedResult, Message
from tests.support.a_wallet import Wallet, read_offer
from tests.support.country import an_account, an_origin
from tests.support.online_cases import INSURANCE, a_filled_draft, result_of

GATE = Asked("made just now", "https://gate.example")


@pytest.fixture
def wallet():
    return Wallet()


@pytest.fixture
def token(country, offer):
    """Make an offer, and use its code up."""

    def make():
        made = offer()
        _, code = read_offer(made.address)
        return exchange_code(country, code=code, transaction_code=made.transaction_code).text

    return make


def refusal(act, *arguments, **more):
    with pytest.raises(WalletRefusedError) as refused:
        act(*arguments, **more)
    return refused.value.refusal


def shown(wallet, core, credential, **changed):
    return wallet.show(credential, nonce=GATE.nonce, audience=GATE.audience, at=core.clock.now(), **changed)


def test_a_wallet_gets_what_the_page_offered_and_shows_that_it_is_its_own(country, policy, offer, wallet, gate):
    [whole], [nameless] = (wallet.take(country, offer(whole=one)) for one in (True, False))
    issuer, now = gate(), country.clock.now()
    found = verify(shown(wallet, country, whole), issuer, at=now, asked=GATE)
    assert (found.standing, found.held) == (Standing.VALID, True)
    assert found.chosen["number"] == result_of(country, policy.reference).number
    found = verify(shown(wallet, country, nameless), issuer, at=now, asked=GATE)
    assert (found.standing, found.held, found.chosen) == (Standing.VALID, True, {})
    with country.sessions() as session:
        told = session.scalars(select(Message.account_id).where(Message.kind == NOTICE)).all()
        assert told == [policy.account], "once a day"
        assert session.scalars(select(CredentialOffer)).all() == []


def test_who_copies_a_bound_credential_cannot_show_it_where_a_gate_asks(country, offer, wallet, gate):
    [text], issuer, now = wallet.take(country, offer()), gate(), country.clock.now()
    assert verify(text, issuer, at=now, asked=GATE).standing is Standing.UNBOUND
    assert verify(text, issuer, at=now).held is None
    end = text.rstrip("~").rpartition("~")[0] + "~"
    binding = shown(wallet, country, text).removeprefix(text)
    wrong = {
        "another's key": shown(Wallet(), country, text),
        "for another gate": shown(wallet, country, text, aud="https://other.example"),
        "of another showing": wallet.show(text, nonce="seen before", audience=GATE.audience, at=now),
        "of an hour ago": shown(wallet, country, text, iat=int(now.timestamp()) - 3600),
        "of an hour to come": shown(wallet, country, text, iat=int(now.timestamp()) + 3600),
        "over something else": end + binding,
        "of no kind": text + wallet.sign({}, kind="JWT"),
    }
    for one in wrong.values():
        with pytest.raises(ForgedCredentialError):
            verify(one, issuer, at=now, asked=GATE)


def test_several_keys_get_credentials_that_nobody_can_join(country, offer):
    wallets = [Wallet() for _ in range(MOST_AT_ONCE)]
    value = new_nonce(country)
    texts = wallets[0].take(country, offer(), proofs=[one.proof(country, nonce=value) for one in wallets])
    pieces = [piece for text in texts for piece in text.split("~") if piece]
    assert len(texts) == MOST_AT_ONCE
    assert len(set(pieces)) == len(pieces)
    signed = [json.loads(decoded(one.split(".")[1])) for one in texts]
    assert len({(one["status"]["status_list"]["idx"], one["cnf"]["jwk"]["x"]) for one in signed}) == MOST_AT_ONCE


def test_an_offer_is_used_once(country, policy, offer, wallet):
    made = offer()
    kind, code = read_offer(made.address)
    assert kind == INSURANCE
    first = exchange_code(country, code=code, transaction_code=made.transaction_code)
    assert refusal(exchange_code, country, code=code, transaction_code="000000") is Refusal.INVALID_GRANT
    asked = {"kind": kind, "proofs": [wallet.proof(country)]}
    assert len(give_credentials(country, token=first.text, **asked)) == 1
    assert refusal(give_credentials, country, token=first.text, **asked) is Refusal.INVALID_TOKEN
    assert refusal(wallet.take, country, made) is Refusal.INVALID_GRANT


def test_a_code_that_two_have_gives_neither_of_them_a_credential(country, offer, wallet):
    made = offer()
    kind, code = read_offer(made.address)
    first = exchange_code(country, code=code, transaction_code=made.transaction_code)
    again = {"code": code, "transaction_code": made.transaction_code}
    assert refusal(exchange_code, country, **again) is Refusal.INVALID_GRANT
    asked = {"token": first.text, "kind": kind, "proofs": [wallet.proof(country)]}
    assert refusal(give_credentials, country, **asked) is Refusal.INVALID_TOKEN


def test_who_saw_the_qr_code_alone_has_a_handful_of_tries(country, offer, wallet):
    made = offer()
    _, code = read_offer(made.address)
    wrong = f"{(int(made.transaction_code) + 1) % 10**6:06d}"
    for _ in range(MOST_TRIES - 1):
        assert refusal(exchange_code, country, code=code, transaction_code=wrong) is Refusal.INVALID_GRANT
    arabic = made.transaction_code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert exchange_code(country, code=code, transaction_code=f" {arabic[:3]} {arabic[3:]}").text
    made = offer()
    _, code = read_offer(made.address)
    for _ in range(MOST_TRIES):
        refusal(exchange_code, country, code=code, transaction_code=wrong)
    assert refusal(wallet.take, country, made) is Refusal.INVALID_GRANT
    assert refusal(exchange_code, country, code="x", transaction_code="123456") is Refusal.INVALID_GRANT


def test_offers_tokens_and_values_end_with_their_time(country, offer, token, wallet):
    old, value = offer(), new_nonce(country)
    country.clock.advance(OFFER_LASTS)
    assert refusal(wallet.take, country, old) is Refusal.INVALID_GRANT
    late = wallet.proof(country, nonce=value)
    assert refusal(wallet.take, country, offer(), proofs=[late]) is Refusal.INVALID_NONCE
    text = token()
    country.clock.advance(TOKEN_LASTS)
    asked = {"token": text, "kind": INSURANCE, "proofs": [wallet.proof(country)]}
    assert refusal(give_credentials, country, **asked) is Refusal.INVALID_TOKEN


def test_a_newer_offer_and_an_end_take_the_place_of_the_one_before(country, policy, offer, wallet):
    first, second = offer(), offer()
    assert refusal(wallet.take, country, first) is Refusal.INVALID_GRANT
    end_result(country, account_id=policy.account, reference=policy.reference)
    assert refusal(wallet.take, country, second) is Refusal.INVALID_GRANT


def test_a_value_is_signed_once_and_is_one_of_ours(country, token, wallet):
    value = new_nonce(country)
    assert take(country, token(), wallet.proof(country, nonce=value))
    forged = ("A" if value[0] != "A" else "B") + value[1:]
    for one in (value, forged, "AAAA", "", "no base64url!"):
        asked = {"token": token(), "kind": INSURANCE, "proofs": [wallet.proof(country, nonce=one)]}
        assert refusal(give_credentials, country, **asked) is Refusal.INVALID_NONCE, one


def take(core, token, *proofs):
    return give_credentials(core, token=token, kind=INSURANCE, proofs=proofs)


def test_what_is_asked_for_must_be_what_was_offered(country, token, wallet):
    text, proof = token(), wallet.proof(country)
    asked = {"token": text, "proofs": [proof]}
    assert refusal(give_credentials, country, kind="passport", **asked) is Refusal.UNKNOWN_CONFIGURATION
    for proofs in ([], [proof, proof], [Wallet().proof(country) for _ in range(MOST_AT_ONCE + 1)]):
        wrong = {"token": text, "kind": INSURANCE, "proofs": proofs}
        assert refusal(give_credentials, country, **wrong) is Refusal.INVALID_PROOF
    asked = {"token": text, "proofs": [wallet.proof(country)]}
    assert refusal(give_credentials, country, kind="appointment-pass", **asked) is Refusal.INVALID_CREDENTIAL_REQUEST
    assert take(country, text, wallet.proof(country)), "none of it used the token up"


def test_what_ended_meanwhile_is_not_given(country, policy, token, wallet):
    text = token()
    with country.sessions.begin() as session:
        mine = update(IssuedResult).where(IssuedResult.id == result_of(country, policy.reference).id)
        session.execute(mine.values(revoked_at=country.clock.now(), revoked_reason="error"))
    asked = {"token": text, "kind": INSURANCE, "proofs": [wallet.proof(country)]}
    assert refusal(give_credentials, country, **asked) is Refusal.DENIED


def test_offers_end_with_a_new_password_and_count_for_no_closed_account(country, policy, offer, token, wallet):
    waiting = offer()
    with country.sessions.begin() as session:
        forget_for_new_password(session, country, account_id=policy.account, token="")
    assert refusal(wallet.take, country, waiting) is Refusal.INVALID_GRANT
    text = token()
    with country.sessions.begin() as session:
        session.get_one(Account, policy.account).closed_at = country.clock.now()
    asked = {"token": text, "kind": INSURANCE, "proofs": [wallet.proof(country)]}
    assert refusal(give_credentials, country, **asked) is Refusal.INVALID_TOKEN


def test_the_database_has_nothing_that_a_wallet_could_use(country, offer, token):
    made = offer()
    _, code = read_offer(made.address)
    with country.sessions() as session:
        row = session.scalars(select(CredentialOffer)).one()
        kept = repr({one.name: getattr(row, one.name) for one in row.__table__.columns})
    assert code not in kept
    assert made.transaction_code not in kept
    assert code.encode() not in (row.code_hash, row.transaction_hash)


def test_strangers_offer_nothing_and_owners_not_without_end(country, policy):
    asked = {"reference": policy.reference, "whole": False, "origin": an_origin()}
    with pytest.raises(NotFoundError):
        offer_result(country, account_id=an_account(country), **asked)
    with pytest.raises(TooManyAttemptsError):  # noqa: PT012 - one of them is refused
        for _ in range(100):
            offer_result(country, account_id=policy.account, **asked)


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
