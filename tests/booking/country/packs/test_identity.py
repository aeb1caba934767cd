"""What a service's file says of levels, and what holds where it says nothing."""

import pytest
from pydantic import ValidationError

from booking.country.packs.fields import IdentitySpec
from booking.platform.models.identity import IdentityLevel


def test_a_place_at_an_office_needs_a_proof_and_a_form_online_only_to_be_claimed():
    silent = IdentitySpec()

    assert silent.to_ask(at_an_office=True) is IdentityLevel.PROVEN
    assert silent.to_ask(at_an_office=False) is IdentityLevel.CLAIMED
    assert (silent.issue, silent.facts) == (IdentityLevel.PROVEN, IdentityLevel.PROVEN)


@pytest.mark.parametrize("at_an_office", [True, False])
def test_what_the_file_says_holds(at_an_office):
    assert IdentitySpec(ask="seen").to_ask(at_an_office=at_an_office) is IdentityLevel.SEEN


@pytest.mark.parametrize("words", [{"facts": "matched"}, {"ask": "sure"}, {"asking": "proven"}])
def test_no_file_lets_registers_be_read_without_a_proof_or_invents_a_level(words):
    with pytest.raises(ValidationError):
        IdentitySpec(**words)
