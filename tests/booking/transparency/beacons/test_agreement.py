"""Another implementation, in pure Python, makes the same bytes from the same secrets and messages."""

from hashlib import sha256

import pytest

from booking.transparency.beacons import bls
from booking.transparency.beacons.values import DRAND_DST, WITNESSES_DST, round_message, statement_message
from tests.support.pure_bls import G2, compress_G1, compress_G2, hash_to_G1, multiply


@pytest.mark.parametrize(
    ("secret", "dst"), [(1, DRAND_DST), (bls.ORDER - 1, WITNESSES_DST), (2**200 + 7, WITNESSES_DST)]
)
def test_two_implementations_sign_alike(secret, dst):
    message = round_message(657_413) if dst == DRAND_DST else statement_message(bytes(range(32)))

    signature = compress_G1(multiply(hash_to_G1(message, dst, sha256), secret)).to_bytes(48, "big")
    key = b"".join(half.to_bytes(48, "big") for half in compress_G2(multiply(G2, secret)))

    assert (bls.sign(secret, message, dst=dst), bls.public_key(secret)) == (signature, key)
    bls.verify(key, message, signature, dst=dst)
