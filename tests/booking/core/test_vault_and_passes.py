import base64
from datetime import UTC, datetime

import pytest
import segno
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from booking.appointments.passes import ForgedPassError, PassContent, qr_svg, read, sign
from booking.base.vault import Vault

VAULT = Vault(b"a master secret for these tests only")
PASS = PassContent("7K2M9D4QX", 17, datetime(2026, 12, 1, 8, 30, tzinfo=UTC), 4)


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


def test_a_pass_is_read_back_and_fits_a_small_code():
    text = sign(PASS, VAULT.signing_key())

    assert read(text, VAULT.signing_key().public_key()) == PASS
    code = segno.make(text, error="m")
    assert code.mode == "alphanumeric"
    assert code.version <= 8
    assert qr_svg(text).startswith("<svg")


@given(st.integers(0, 82), st.integers(1, 255))
def test_a_pass_with_one_changed_byte_is_forged(place, change):
    data = bytearray(base64.b32decode(_padded(sign(PASS, VAULT.signing_key()))))
    data[place] ^= change
    forged = base64.b32encode(bytes(data)).decode().rstrip("=")

    with pytest.raises(ForgedPassError):
        read(forged, VAULT.signing_key().public_key())


@pytest.mark.parametrize("text", ["", "A", "not a pass", "A" * 10_000, "é"])
def test_text_that_is_not_a_pass_is_refused(text):
    with pytest.raises(ForgedPassError):
        read(text, VAULT.signing_key().public_key())


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 8)
