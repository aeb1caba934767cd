import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from booking.platform.base.errors import FieldError
from booking.platform.base.references import ALPHABET, new_reference, read_reference, shown, with_check


def test_a_reference_is_read_back_however_it_is_typed():
    for _ in range(200):
        reference = new_reference()
        for typed in (shown(reference), shown(reference).lower(), f"  {reference} ", reference.replace("1", "l")):
            assert read_reference(typed) == reference


references = st.text(ALPHABET, min_size=8, max_size=8).map(with_check)


@settings(max_examples=20)
@given(references)
def test_any_one_wrong_character_is_noticed(reference):
    for place, right in enumerate(reference):
        for wrong in set(ALPHABET + "Z") - {right}:
            with pytest.raises(FieldError):
                read_reference(reference[:place] + wrong + reference[place + 1 :])


@given(references, st.integers(0, 6))
def test_two_swapped_neighbours_are_always_noticed(reference, place):
    assume(reference[place] != reference[place + 1])
    with pytest.raises(FieldError):
        read_reference(reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :])


@pytest.mark.parametrize("typed", ["", "7K2", "!!!-!!!-!!!", "ععع-ععع-ععع", "0" * 500, "7K2-M9D-4QX-0"])
def test_text_that_is_not_a_reference_is_refused_with_a_reason(typed):
    with pytest.raises(FieldError) as caught:
        read_reference(typed)
    assert caught.value.reason == "reference_misread"
