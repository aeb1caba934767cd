"""An insider with the seed and the database rolls the nonce of one request of theirs until the draw suits them (H4).

In format 1 the key is the seed and the root over the requests: before, place 110 of 111 became first after 105 tries.
In format 2 a beacon's value is in the key, which nobody has while anything can still be rolled. The adversary
then rolls until the draw would suit it under the value that it guesses, and its place is as good as anybody's.
"""

import hmac
from hashlib import sha256
from statistics import fmean, pstdev

from allocation import lottery
from booking.transparency.beacons import bls
from booking.transparency.beacons.bls import together_in_g1, value_at, weights
from booking.transparency.beacons.parts import sign_part
from booking.transparency.beacons.values import statement_message, value_of

PEOPLE = 111
MIDDLE = (PEOPLE - 1) / 2
SPREAD = ((PEOPLE**2 - 1) / 12) ** 0.5
"""The standard deviation of a place that chance gives."""
SEED = sha256(b"the operator's seed").digest()
OWN, *OTHERS = (sha256(b"person %d" % number).digest()[:16] for number in range(PEOPLE))


def drawn(*parts):
    """Bytes that look random, the same in every run."""
    return sha256(b" ".join(str(one).encode() for one in parts)).digest()


def place(public):
    """The adversary's place under a key, from 0."""
    own = lottery.lottery_number(SEED, public, OWN)
    return sum(lottery.lottery_number(SEED, public, other) < own for other in OTHERS)


def likely_first(public):
    """The adversary's number alone, which is enough to choose among many tries: the lower, the better its place."""
    return hmac.digest(SEED + public, OWN, "sha256")


def within_chance(places):
    """Whether the mean place is inside the interval in which 99.9 % of means of so many fair places are."""
    return abs(fmean(places) - MIDDLE) < 3.29 * SPREAD / len(places) ** 0.5


def test_in_format_1_the_seed_and_some_hundred_tries_give_the_first_place():
    tree = lottery.merkle_tree([drawn("request", number) for number in range(PEOPLE)])
    siblings = lottery.inclusion_proof(tree, 0)

    def root(attempt):
        node = lottery.leaf_hash(drawn("rolled", attempt))
        for sibling in siblings:
            node = lottery.node_hash(node, sibling)
        return node

    needed, attempt = [], 0
    for _ in range(8):
        before = attempt
        while place(root(attempt)) > 0:
            attempt += 1
        needed.append(attempt - before)
        attempt += 1

    assert max(needed) < 20 * PEOPLE
    assert fmean(needed) < 3 * PEOPLE


def test_in_format_2_a_hundred_thousand_tries_leave_the_place_to_chance():
    """A hundred draws; a thousand tries in each, chosen under the newest value that the adversary knows."""
    hoped, got = [], []
    for draw in range(100):
        known, coming = drawn("round", draw), drawn("round", draw + 1)
        statement = min((drawn("rolled", draw, n) for n in range(1000)), key=lambda one: likely_first(known + one))
        hoped.append(place(known + statement))
        got.append(place(coming + statement))

    assert fmean(hoped) < 1  # what it would have got, had it known the value
    assert within_chance(got), (fmean(got), pstdev(got))


def test_all_but_one_of_the_witnesses_needed_know_nothing_either():
    """Two of three who must sign give the operator their parts of every statement before any is fixed."""
    polynomial = [int.from_bytes(drawn("coefficient", power)) % bls.ORDER for power in range(3)]
    hoped, got = [], []
    for draw in range(40):
        tries = {}
        for attempt in range(8):
            statement = drawn("rolled", draw, attempt)
            parts = [sign_part(value_at(polynomial, index), statement_message(statement)) for index in (1, 2)]
            guess = together_in_g1(list(map(bls.read_signature, parts)), weights((1, 2)))
            tries[place(value_of(guess.to_compressed_bytes()) + statement)] = statement
        statement = tries[min(tries)]
        value = value_of(sign_part(polynomial[0], statement_message(statement)))
        hoped.append(min(tries))
        got.append(place(value + statement))

    assert fmean(hoped) < MIDDLE / 3
    assert within_chance(got), (fmean(got), pstdev(got))
