"""What the state's provider tells of a person, beside what was typed of them."""

import pytest

from booking.country.core.register import Identity
from booking.people.identity.levels import StateDiffersError, StateRefusedError
from booking.people.identity.state_sign_in import require_agreement
from tests.support.country import BORN

TYPED = Identity("01234567890", "أمل الخيالية", BORN)
TOLD = {"name": "أمل الخيالية", "birthdate": "1990-05-17"}
BOTH = ("name", "birth_date")


@pytest.mark.parametrize(
    "told",
    [
        TOLD,
        TOLD | {"name": "الخياليه  أَمَل"},
        {"given_name": "أمل", "family_name": "الخيالية", "birthdate": "1990-05-17"},
        TOLD | {"name": "Dr. Amal", "given_name": "أمل", "family_name": "الخيالية"},
        TOLD | {"birthdate": "1990"},
        TOLD | {"birthdate": "0000-05-17"},
    ],
)
def test_the_same_person_in_other_words_agrees(told):
    require_agreement(BOTH, told, 7, TYPED)


@pytest.mark.parametrize(
    ("told", "differing"),
    [
        (TOLD | {"name": "سعاد الخيالية"}, ["name"]),
        (TOLD | {"name": "أمل"}, ["name"]),
        (TOLD | {"birthdate": "1990-05-18"}, ["birth_date"]),
        (TOLD | {"birthdate": "1991"}, ["birth_date"]),
        (TOLD | {"birthdate": "0000-06-17"}, ["birth_date"]),
        ({"name": "Amal", "birthdate": "1990-17-05"}, ["name", "birth_date"]),
    ],
)
def test_another_person_is_refused_by_the_details_that_differ(told, differing):
    with pytest.raises(StateDiffersError) as refused:
        require_agreement(BOTH, told, 7, TYPED)
    assert [error.field for error in refused.value.errors] == differing
    assert refused.value.member_id == 7


@pytest.mark.parametrize(
    "untold",
    [{"name": None}, {"name": " "}, {"name": ["أمل"]}, {"birthdate": None}, {"birthdate": "0000"}]
    + [{"birthdate": wrong} for wrong in ("17.5.1990", "1990-05", 1990, "١٩٩٠-٠٥-١٧", "1990-05-17T00:00")],
)
def test_a_detail_that_is_not_told_is_no_agreement(untold):
    with pytest.raises(StateRefusedError):
        require_agreement(BOTH, TOLD | untold, 7, TYPED)


def test_a_detail_that_the_settings_leave_out_is_not_looked_at():
    require_agreement(("birth_date",), {"name": "Amal", "birthdate": "1990-05-17"}, 7, TYPED)
