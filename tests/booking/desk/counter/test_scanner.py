import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.desk.counter.arrive import as_scanned

BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Arabic (101), read from the layout's own table: capitals are typed with shift.
SHIFTED = dict(
    zip(
        "QWERYUIOPASDFHJKLZXCVNM",
        "\u064e\u064b\u064f\u064cإ\u2018÷×؛\u0650\u064d][أـ،/~\u0652}{آ\u2019",
        strict=True,
    ),
    T="لإ",
    G="لأ",
    B="لآ",
)


@given(st.text(BASE_32, min_size=1))
def test_capitals_typed_in_the_arabic_layout_come_back_as_they_were(text):
    assert as_scanned("".join(SHIFTED.get(sign, sign) for sign in text)) == text


@given(st.text(BASE_32))
def test_latin_letters_and_spaces_around_them_change_nothing(text):
    assert as_scanned(f" {text}\n") == text
    assert as_scanned(text.lower()) == text


@pytest.mark.parametrize(("typed", "meant"), [("شسيب", "ASDF"), ("٢٣", "23"), ("ضصثق", "QWER")])
def test_small_letters_and_arabic_digits_are_read_too(typed, meant):
    assert as_scanned(typed) == meant
