"""What it takes to check a beacon's value: with arkworks, and in pure Python as the stand-alone verifier does it.

Run with ``./run bench beacon``; seconds of processor time, the least of several tries.
"""

import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from itertools import combinations, islice

from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import decompress_G1, decompress_G2
from py_ecc.optimized_bls12_381 import G2, pairing

from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.dealing import write_deal
from booking.transparency.beacons.drand import quicknet
from booking.transparency.beacons.group import accept, assemble, read_group
from booking.transparency.beacons.identity import WitnessKeys, write_identity
from booking.transparency.beacons.parts import combine, sign_part
from booking.transparency.beacons.terms import check_round
from booking.transparency.beacons.values import DRAND_DST, round_message, statement_message

ROUND = 657_413
SIGNATURE = bytes.fromhex(
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)


def least(work: Callable[[], object], tries: int) -> float:
    """Return the least processor time of some tries, in seconds."""
    found = []
    for _ in range(tries):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def check_in_python() -> None:
    """Check the recorded round of quicknet with nothing compiled."""
    key = quicknet(1).key
    owner = decompress_G2((int.from_bytes(key[:48]), int.from_bytes(key[48:])))
    hashed = hash_to_G1(round_message(ROUND), DRAND_DST, sha256)
    assert pairing(G2, decompress_G1(int.from_bytes(SIGNATURE))) == pairing(owner, hashed)


def make_group(number: int, need: int) -> None:
    """Make a group of witnesses, and its value from ten sets of those who are just enough."""
    keys = [WitnessKeys.new() for _ in range(number)]
    ceremony = Ceremony.of([write_identity(one, name=f"w{index:02}") for index, one in enumerate(keys)], need)
    deals = [write_deal(one, ceremony) for one in keys]
    accepted = [accept(one, ceremony, deals) for one in keys]
    group = read_group(assemble(accepted[0], ceremony, [one.acceptance for one in accepted]))
    message = statement_message(sha256(b"statement").digest())
    parts = {index: sign_part(one.share, message) for index, one in enumerate(accepted, 1)}
    sets = islice(combinations(parts, need), 10)
    assert len({combine(group, message, {index: parts[index] for index in one}) for one in sets}) == 1


def main() -> None:
    """Print all of it."""
    terms = quicknet(ROUND)
    print(f"a round of drand, arkworks      {least(lambda: check_round(terms, ROUND, SIGNATURE), 50) * 1000:8.2f} ms")
    print(f"the same in pure Python         {least(check_in_python, 3) * 1000:8.0f} ms")
    for number, need in ((3, 2), (5, 3), (9, 5), (32, 17)):
        took = least(partial(make_group, number, need), 1)
        print(f"a group of {need:>2} of {number:>2}, and ten values    {took * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
