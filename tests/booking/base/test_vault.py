"""Values that are sealed and hashed: each under a key of its own."""

import pytest
from cryptography.exceptions import InvalidTag

from booking.base.vault import Vault

VAULT = Vault(b"a master secret for these tests only")


def test_a_sealed_value_is_opened_only_as_what_it_was_sealed_as():
    sealed = VAULT.encrypt("01020304050", "national number")

    assert VAULT.decrypt(sealed, "national number") == "01020304050"
    assert b"01020304050" not in sealed
    with pytest.raises(InvalidTag):
        VAULT.decrypt(sealed, "phone")


def test_the_same_text_is_never_encrypted_to_the_same_bytes_but_is_found_by_one_hash():
    assert VAULT.encrypt("1", "phone") != VAULT.encrypt("1", "phone")
    assert VAULT.lookup_hash("1", "phone") == VAULT.lookup_hash("1", "phone")
    assert VAULT.lookup_hash("1", "phone") != VAULT.lookup_hash("1", "national number")


def test_another_master_secret_gives_other_keys():
    other = Vault(b"another master secret for these tests")
    assert other.key("limiter") != VAULT.key("limiter")
    assert other.lookup_hash("1", "phone") != VAULT.lookup_hash("1", "phone")
