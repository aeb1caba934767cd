"""A pass fits a small square and is readable only unchanged."""

import base64
from datetime import UTC, datetime

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from booking.platform.base.vault import Vault
from booking.scheduling.appointments.passes import ForgedPassError, PassContent, qr_svg, read, sign

VAULT = Vault(b"a master secret for these tests only")
PASS = PassContent("7K2M9D4QX", 17, datetime(2026, 12, 1, 8, 30, tzinfo=UTC), 4)


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
