import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.errors import FieldError
from booking.references import ALPHABET, new_reference, read_reference, shown


def test_a_reference_is_read_back_however_it_is_typed():
    for _ in range(200):
        reference = new_reference()
        for typed in (shown(reference), shown(reference).lower(), f"  {reference} ", reference.replace("1", "l")):
            assert read_reference(typed) == reference


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(place, wrong):
    reference = new_reference()
    if reference[place] == wrong:
        return
    with pytest.raises(FieldError):
        read_reference(reference[:place] + wrong + reference[place + 1 :])


@given(st.integers(0, 6))
def test_two_swapped_neighbours_are_always_noticed(place):
    reference = new_reference()
    swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    if swapped == reference:
        return
    with pytest.raises(FieldError):
        read_reference(swapped)


@pytest.mark.parametrize("typed", ["", "7K2", "!!!-!!!-!!!", "ععع-ععع-ععع", "0" * 500, "7K2-M9D-4QX-0"])
def test_what_is_no_reference_is_refused_in_words(typed):
    with pytest.raises(FieldError) as caught:
        read_reference(typed)
    assert caught.value.reason == "reference_misread"
