"""Many who bring one offer, one token or one value at the same moment, with real threads: one of them gets it."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from booking.eservices.credentials.give import give_credentials
from booking.eservices.credentials.token import (
    Refusal,
    Token,
    WalletRefusedError,
    exchange_code,
    new_nonce,
    spend_nonces,
)
from tests.support.a_wallet import Wallet, read_offer
from tests.support.online_cases import INSURANCE
from tests.support.waiting import PATIENCE

MANY = 6


def at_once(act, each):
    """Do it once with each of these, all at the same moment; return what each gave, or why it was refused."""
    together = Barrier(len(each), timeout=PATIENCE)

    def run(one):
        together.wait()
        try:
            return act(one)
        except WalletRefusedError as error:
            return error.refusal

    with ThreadPoolExecutor(len(each)) as threads:
        return list(threads.map(run, each))


def test_of_many_wallets_with_one_offer_or_one_token_one_gets_a_credential(country, offer):
    made = offer()
    _, code = read_offer(made.address)
    use = partial(exchange_code, country, code=code)
    found = at_once(lambda typed: use(transaction_code=typed), [made.transaction_code] * MANY)
    assert [one for one in found if not isinstance(one, Token)] == [Refusal.INVALID_GRANT] * (MANY - 1)

    made = offer()
    _, code = read_offer(made.address)
    token = exchange_code(country, code=code, transaction_code=made.transaction_code).text
    give = partial(give_credentials, country, token=token, kind=INSURANCE)
    proofs = [Wallet().proof(country) for _ in range(MANY)]
    found = at_once(lambda proof: give(proofs=[proof]), proofs)
    assert [one for one in found if not isinstance(one, list)] == [Refusal.INVALID_TOKEN] * (MANY - 1)


def test_a_value_that_many_sign_at_once_counts_once(country):
    value = new_nonce(country)
    found = at_once(lambda sent: spend_nonces(country, {sent}), [value] * MANY)
    assert [one for one in found if one is not None] == [Refusal.INVALID_NONCE] * (MANY - 1)
