"""From an offer to a credential in a wallet, once; and everything that a wallet or a thief may bring instead."""

import json

import pytest
from sqlalchemy import select, update

from booking.eservices.credentials.give import MOST_AT_ONCE, NOTICE, end_result, give_credentials
from booking.eservices.credentials.key_binding import Asked
from booking.eservices.credentials.offer import MOST_TRIES, OFFER_LASTS, offer_result
from booking.eservices.credentials.sd_jwt import ForgedCredentialError
from booking.eservices.credentials.token import TOKEN_LASTS, Refusal, WalletRefusedError, exchange_code, new_nonce
from booking.eservices.credentials.verify import Standing, verify
from booking.people.accounts.known_devices import forget_for_new_password
from booking.platform.base.errors import NotFoundError, TooManyAttemptsError
from booking.platform.base.references import decoded
from booking.platform.models import Account, CredentialOffer, IssuedResult, Message
from tests.support.a_wallet import Wallet, read_offer
from tests.support.country import an_account, an_origin
from tests.support.online_cases import INSURANCE, result_of

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
