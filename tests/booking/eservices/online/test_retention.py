"""Online cases that wait for their owner end in time; no state is out of reach."""

from datetime import timedelta

from booking.eservices.online import originals
from booking.eservices.online.views import list_own
from booking.platform.models.online.case import ONLINE_MOVES, OnlineState
from tests.support.online_cases import a_filled_draft, sent, stored


def test_cases_that_wait_too_long_for_their_owner_end(country, officer):
    draft, unpaid = a_filled_draft(country), a_filled_draft(country)
    sent(country, unpaid)
    country.clock.advance(timedelta(days=15))
    assert originals.lapse_waiting(country) == 1
    assert stored(country, unpaid.reference).state is OnlineState.LAPSED
    country.clock.advance(timedelta(days=46))
    assert originals.lapse_waiting(country) == 1
    assert list_own(country, draft.account) == []


def test_every_state_of_a_case_is_reachable_from_the_draft():
    reached, more = {OnlineState.DRAFT}, {OnlineState.DRAFT}
    while more:
        more = {to for state in more for to in ONLINE_MOVES.get(state, ())} - reached
        reached |= more
    assert reached == set(OnlineState)
