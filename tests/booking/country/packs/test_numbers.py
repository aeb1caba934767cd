import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.packs.national_number import normalise
from booking.country.packs.phone import normalise_phone
from booking.country.packs.schema import NationalNumberRule
from booking.platform.base.errors import FieldError

RULE = NationalNumberRule(length=11)


@pytest.mark.parametrize(
    "typed",
    [
        "01020304050",
        "٠١٠٢٠٣٠٤٠٥٠",
        "۰۱۰۲۰۳۰۴۰۵۰",
        "0102 030-4050",
        "  010 20 30 40 50 ",
        "0102\u20130304050",  # an en dash
        "0102\u00a00304050",  # a no-break space
        "\u200f٠١٠٢٠٣٠٤٠٥٠\u200f",  # marks of direction
        "\u206601020304050\u2069",
        "0102٠٣٠٤050",
    ],
)
def test_a_national_number_is_read_however_it_is_typed(typed):
    assert normalise(typed, RULE) == "01020304050"


@pytest.mark.parametrize(
    ("typed", "reason", "values"),
    [
        ("", "missing", {}),
        (" - ", "missing", {}),
        ("0102030405", "length", {"expected": 11, "got": 10}),
        ("010203040506", "length", {"expected": 11, "got": 12}),
        ("0102030405O", "characters", {"character": "O"}),
        ("0102030405²", "characters", {"character": "²"}),
        ("०१०२०३०४०५०", "characters", {"character": "०"}),
        ("0102/030405", "characters", {"character": "/"}),
        ("01020304050\n", "characters", {"character": "\n"}),
        ("+01020304050", "characters", {"character": "+"}),
    ],
)
def test_refusing_a_national_number_gives_the_reason(typed, reason, values):
    with pytest.raises(FieldError) as caught:
        normalise(typed, RULE, field="member")

    assert (caught.value.field, caught.value.reason, caught.value.values) == ("member", reason, values)


def test_the_country_decides_which_separators_are_allowed(syria):
    assert normalise("010/20304.050", syria.country.national_number) == "01020304050"


@given(st.text("0123456789٠١٢٣٤٥٦٧٨٩ -", max_size=20))
def test_normalising_twice_changes_nothing(typed):
    try:
        once = normalise(typed, RULE)
    except FieldError:
        return
    assert normalise(once, RULE) == once
    assert once.isascii()
    assert len(once) == 11


@pytest.mark.parametrize(
    "typed",
    ["0933123456", "٠٩٣٣١٢٣٤٥٦", "۰۹۳۳ ۱۲۳ ۴۵۶", "+963 933 123 456", "00963933123456", "0933-123-456", "933123456"],
)
def test_a_syrian_mobile_number_is_read_however_it_is_typed(typed):
    assert normalise_phone(typed, "SY") == "+963933123456"


def test_a_number_from_abroad_keeps_its_country():
    assert normalise_phone("+49 1512 3456789", "SY") == "+4915123456789"
    assert normalise_phone("(201) 555-0123", "US") == "+12015550123"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "unreadable"),
        ("call me", "unreadable"),
        ("+999 1234567", "unreadable"),
        ("0933", "invalid"),
        ("0933123456789", "invalid"),
        ("0933123456 ext 12", "invalid"),
        ("011 2345678", "landline"),
        ("+49 30 901820", "landline"),
        ("9" * 300, "unreadable"),
    ],
)
def test_refusing_a_phone_number_gives_the_reason(typed, reason):
    with pytest.raises(FieldError) as caught:
        normalise_phone(typed, "SY")

    assert (caught.value.field, caught.value.reason) == ("phone", reason)


@given(st.text(max_size=40))
def test_no_text_breaks_the_phone_reader(typed):
    try:
        number = normalise_phone(typed, "SY")
    except FieldError:
        return
    assert number.startswith("+")
