"""What a form asked for and did not get: the form again, another address, or the answer of every page."""

import pytest
from starlette.responses import Response

from api.pages.shared.show_again import ShownAgainError, answer_again, show_again
from booking.platform.base.errors import HouseholdFullError, MawidError, NotFoundError, PersonInUseError


def page_of(error):
    return Response(error.code, 409)


def answer_to(error, **options):
    with pytest.raises(ShownAgainError) as caught, show_again(page_of, **options):
        raise error
    return answer_again(None, caught.value)


def test_the_page_is_shown_again_with_the_refusal():
    answer = answer_to(HouseholdFullError())
    assert (answer.status_code, answer.body) == (409, HouseholdFullError.code.encode())


def test_some_refusals_lead_to_another_address():
    unless = {PersonInUseError: "/me"}
    assert answer_to(PersonInUseError(), unless=unless).headers["location"] == "/me"
    assert answer_to(MawidError(), unless=unless).status_code == 409


@pytest.mark.parametrize("error", [NotFoundError, RuntimeError])
def test_not_found_and_unexpected_errors_are_not_caught(error):
    with pytest.raises(error), show_again(page_of):
        raise error


def test_nothing_is_shown_again_without_a_refusal():
    with show_again(page_of):
        kept = True
    assert kept
