"""Messages, values and rounds: format 2, exact to the byte."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.platform.base.vault import Vault
from booking.transparency.beacons import bls, choose, terms
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.values import (
    QUICKNET_CHAIN,
    QUICKNET_GENESIS,
    QUICKNET_KEY,
    QUICKNET_PERIOD,
    round_after,
    statement_message,
    value_of,
)

ROUND = 657_413
SIGNATURE = bytes.fromhex(
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
QUICKNET = {
    "kind": "drand",
    "chain": QUICKNET_CHAIN,
    "key": QUICKNET_KEY,
    "genesis": QUICKNET_GENESIS,
    "period": QUICKNET_PERIOD,
    "round": ROUND,
}
STATEMENT = bytes(range(32))


def test_a_recorded_round_of_quicknet_is_its_value():
    terms.check(QUICKNET, STATEMENT, SIGNATURE)
    assert terms.is_known(QUICKNET)
    assert not terms.is_known(QUICKNET | {"period": 30})
    assert value_of(SIGNATURE).hex() == "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"


@pytest.mark.parametrize(
    ("announced", "words"), [(ROUND + 1, f"of round {ROUND}, not"), (5, "not the value of round 5")]
)
def test_the_value_of_another_round_is_refused_by_its_name(announced, words):
    with pytest.raises(BeaconError, match=words):
        terms.check(QUICKNET | {"round": announced}, STATEMENT, SIGNATURE)


def test_rounds_follow_the_clock_of_the_chain():
    genesis = datetime.fromtimestamp(QUICKNET_GENESIS, UTC)
    rounds = [
        round_after(genesis + timedelta(seconds=after - 600), genesis=QUICKNET_GENESIS, period=QUICKNET_PERIOD)
        for after in (-100, 0, 0.000001, 3, 3.000001, 6)
    ]
    assert rounds == [1, 1, 2, 2, 3, 3]
    after = round_after(genesis, genesis=QUICKNET_GENESIS, period=QUICKNET_PERIOD)
    assert terms.earliest(QUICKNET | {"round": after}) == genesis + timedelta(seconds=600)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "clock"},
        {"round": 0},
        {"round": True},
        {"round": "657413"},
        {"round": 2**53 - 1},
        {"period": 0},
        {"chain": QUICKNET_CHAIN.upper()},
        {"key": QUICKNET_KEY[:-2]},
        {"key": "c0" + "00" * 95},
        {"more": 1},
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(spoilt):
    with pytest.raises(BeaconError, match=r"\w+ \w+ \w+"):
        terms.read_terms(QUICKNET | spoilt)


@pytest.mark.parametrize(
    "spoilt",
    [{"of": ["a", "a"]}, {"of": []}, {"of": ["a b"]}, {"of": "ab"}, {"of": ["a"] * 33}, {"need": 3}, {"need": 0}],
)
def test_terms_of_witnesses_that_cannot_be_are_refused_in_words(spoilt):
    fit = {"kind": "witnesses", "key": QUICKNET_KEY, "need": 2, "of": ["b", "a"]}
    assert terms.is_known(fit)
    with pytest.raises(BeaconError, match=r"\w+ \w+ \w+"):
        terms.read_terms(fit | spoilt)


def test_an_installation_alone_signs_each_statement_in_one_way():
    vault = Vault(b"s" * 32)
    announced, signature = choose.own_terms(vault), choose.sign(vault, statement_message(STATEMENT))
    terms.check(announced, STATEMENT, signature)
    assert terms.write_terms(terms.read_terms(announced)) == announced
    assert not terms.is_known(announced)
    assert (choose.sign(vault, statement_message(STATEMENT)), terms.earliest(announced)) == (signature, None)
    with pytest.raises(BeaconError, match="not the one of this key for this message"):
        terms.check(announced, bytes(32), signature)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (SIGNATURE[:47], "47 bytes"),
        (SIGNATURE + b"\0", "49 bytes"),
        (b"", "0 bytes"),
        (b"\xc0" + bytes(47), "infinity"),
        (b"\xff" * 48, "infinity"),
        (b"\x37" + SIGNATURE[1:], "not a compressed point"),
        (((1 << 383) | 4).to_bytes(48, "big"), "not a point of the group"),  # on the curve, in another group
        (((1 << 383) | 1).to_bytes(48, "big"), "not a point of the group"),  # not on the curve
        (b"\x97" + SIGNATURE[1:], "not the one"),  # the same with the other sign
    ],
)
def test_what_is_not_the_one_spelling_of_the_signature_is_refused(spoilt, words):
    with pytest.raises(BeaconError, match=words):
        bls.verify(bytes.fromhex(QUICKNET_KEY), b"message", spoilt, dst=b"dst")
