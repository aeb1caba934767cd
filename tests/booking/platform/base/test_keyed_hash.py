"""HMAC-SHA-256, compared with the standard library's."""

import hmac
from hashlib import sha256

import pytest

from booking.platform.base.keyed_hash import keyed_by, keyed_hash


@pytest.mark.parametrize("size", [0, 1, 16, 63, 64, 65, 200])
def test_a_keyed_hash_is_the_hmac_of_the_standard_library(size):
    key, text = bytes(range(size)), sha256(bytes(size)).digest() * (size % 5)

    assert keyed_hash(key, text) == keyed_by(key)(text) == hmac.digest(key, text, "sha256")
