"""Values that are sealed and hashed: each under a key of its own."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from booking.platform.base.vault import Vault

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


def sealed_before_there_were_ids(vault, text, about, nonce=b"n" * 12):
    return nonce + AESGCM(vault.key("encryption")).encrypt(nonce, text.encode(), about.encode())


OLD = Vault(b"the master secret of these tests before")
BOTH = Vault(b"a master secret for these tests only", older=[b"the master secret of these tests before"])


@pytest.mark.parametrize("nonce", [b"n" * 12, b"mw1\0" + b"n" * 8, b"mw1\0" + BOTH.present.key_id + b"n" * 4], ids=len)
@pytest.mark.parametrize("vault", [VAULT, OLD])
def test_what_was_sealed_before_there_were_ids_is_still_read(vault, nonce):
    sealed = sealed_before_there_were_ids(vault, "amal", "name", nonce)

    assert BOTH.decrypt(sealed, "name") == "amal"
    assert sealed.startswith(b"mw1\0" + BOTH.present.key_id) or not BOTH.is_sealed_anew(sealed)


def test_each_ciphertext_names_the_secret_that_sealed_it():
    new, old = BOTH.encrypt("amal", "name"), OLD.encrypt("amal", "name")

    assert BOTH.decrypt(new, "name") == BOTH.decrypt(old, "name") == "amal"
    assert (BOTH.is_sealed_anew(new), BOTH.is_sealed_anew(old)) == (True, False)
    with pytest.raises(InvalidTag):
        VAULT.decrypt(old, "name")


@pytest.mark.parametrize("place", [0, 3, 4, 7, 8, 19, 20, -1])
def test_no_changed_byte_of_a_sealed_value_passes(place):
    sealed = bytearray(BOTH.encrypt("amal", "name"))
    sealed[place] ^= 1

    with pytest.raises(InvalidTag):
        BOTH.decrypt(bytes(sealed), "name")


@pytest.mark.parametrize("sealed", [b"", b"mw1\0", b"mw1\0" + VAULT.present.key_id, b"short"])
def test_what_is_too_short_to_be_sealed_is_refused_as_changed(sealed):
    with pytest.raises(InvalidTag):
        BOTH.decrypt(sealed, "name")


def test_the_id_of_another_secret_cannot_be_put_before_a_value():
    sealed = OLD.encrypt("amal", "name")
    renamed = sealed[:4] + VAULT.present.key_id + sealed[8:]

    with pytest.raises(InvalidTag):
        BOTH.decrypt(renamed, "name")
