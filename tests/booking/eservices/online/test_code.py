"""The code of a result holds what was signed, and no changed one is believed."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from booking.eservices.online.issue import ForgedResultError, ResultCode, read_result, sign_result

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2150, 1, 1))
CODES = st.builds(
    ResultCode,
    number=st.text("23456789ABCDEFGH", min_size=9, max_size=9),
    issued_on=DAYS,
    valid_from=DAYS,
    valid_until=st.none() | DAYS,
    service=st.text("abc-", max_size=40),
    holder=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    thing=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


@given(CODES)
@settings(max_examples=60)
def test_a_code_holds_what_was_signed(content):
    assert read_result("https://example.org/check#" + sign_result(content, KEY), KEY.public_key()) == content


@given(CODES, st.integers(min_value=0))
@settings(max_examples=150)
def test_a_code_changed_by_one_bit_is_forged(content, bit):
    code = bytearray(sign_result(content, KEY).encode())
    code[bit // 7 % len(code)] ^= 1 << bit % 7
    changed = code.decode()
    assume("#" not in changed and changed.strip() == changed)
    with pytest.raises(ForgedResultError):
        read_result(changed, KEY.public_key())


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_no_random_text_is_a_valid_code(text):
    with pytest.raises(ForgedResultError):
        read_result(text, KEY.public_key())


def test_another_countrys_code_is_forged():
    content = ResultCode("234567892", date(2026, 1, 1), date(2026, 1, 1), None, "s", "h", "")
    with pytest.raises(ForgedResultError):
        read_result(sign_result(content, Ed25519PrivateKey.generate()), KEY.public_key())
