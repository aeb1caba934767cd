"""A seller who reads the code: what cycles would sell for them, and the exchange does not."""

import numpy as np
import pytest

from allocation.swapping.cycles import exchange_in_cycles
from allocation.swapping.in_line import exchange_in_line
from allocation.swapping.samples import KINDS, Reason, day_of, holders, night_of
from allocation.swapping.seller import Sold, sell


def test_a_seller_gains_nothing_in_line_and_most_of_a_place_by_cycles():
    in_line = sell(exchange_in_line, count=600, names=10, nights=3)
    cycles = sell(exchange_in_cycles, count=600, names=10, nights=3)
    assert in_line.share <= 0.1
    assert cycles.share >= 0.5


def test_customers_of_the_same_office_gain_no_more_than_their_turn():
    assert sell(exchange_in_line, count=600, names=10, nights=3, offices=1).share <= 0.15


def test_the_profit_of_a_name_is_what_it_sells_less_what_it_costs():
    assert Sold(got=0.5, anyway=0.25).profit(price=2, cost=0.75) == pytest.approx(-0.25)


def test_invented_holders_wish_for_what_their_reason_says():
    who = holders(400, seed=3)
    for holds, wishes, reason in zip(who.holds, who.wishes, who.reason, strict=True):
        days = day_of(np.array([holds, *wishes]))
        offices = {kind * 14 // KINDS for kind in wishes}
        if reason == Reason.EARLIER:
            assert (days[1:] < days[0]).all()
        assert len(offices) <= 1
        assert offices <= {holds * 14 // KINDS} or reason == Reason.OTHER_OFFICE
    assert night_of(who, seed=1).holders == 400
