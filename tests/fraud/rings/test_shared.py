"""How much a shared device or phone says."""

import numpy as np
import pytest

from fraud.rings.communities import communities, components
from fraud.rings.shared import APART_DAYS, LEAST_TOGETHER, is_known, sharing, weights_of
from tests.fraud.rings.places import DAY, an_office, asks, bookings


def weights(rows):
    shared = sharing(bookings(rows))
    return dict(
        zip(
            zip(shared.accounts[shared.account], shared.identifiers[shared.identifier], strict=True),
            weights_of(shared, np.arange(len(shared.account))),
            strict=True,
        )
    )


def test_what_one_account_uses_joins_nobody():
    assert weights(asks("a", "d", "p", people=5) + asks("b", "e", "q")) == {}


def test_the_more_share_a_device_the_less_it_says():
    few = [row for n in range(2) for row in asks(f"a{n}", "few", f"p{n}")]
    many = [row for n in range(30) for row in asks(f"b{n}", "many", f"q{n}")]
    found = weights(few + many)

    assert found["a0", "few"] == pytest.approx(1)
    assert found["b0", "many"] < 0.5


def test_a_phone_that_was_sold_on_says_less_than_one_used_together():
    near = weights(asks("a", "d", "p") + asks("b", "e", "p", at=3_600))
    sold = weights(asks("a", "d", "p") + asks("b", "e", "p", at=APART_DAYS * DAY))
    years = weights(asks("a", "d", "p") + asks("b", "e", "p", at=900 * DAY))

    assert near["a", "p"] == pytest.approx(1, abs=0.01)
    assert sold["a", "p"] == pytest.approx(np.exp(-1) * near["a", "p"], rel=0.01)
    assert years["b", "p"] == pytest.approx(LEAST_TOGETHER)


def test_use_in_between_counts_as_use_together():
    rows = asks("a", "d", "p") + asks("a", "d", "p", at=60 * DAY) + asks("b", "e", "p", at=30 * DAY)
    assert weights(rows)["b", "p"] == pytest.approx(1)


def test_a_thin_chain_between_two_offices_joins_them_in_a_component_alone():
    rows = bookings(an_office("a") + an_office("b") + asks("a0", "b device 0", "a phone 0"))
    shared = sharing(rows)
    component = components(shared)
    edges = np.arange(len(shared.account))
    of_account, of_identifier = communities(shared, edges, component, weights_of(shared, edges))

    assert len(np.unique(component)) == 1
    assert len(np.unique(of_account)) == 2
    whose = {(shared.accounts[a][0], c) for a, c in zip(shared.account, of_account, strict=True)}
    assert len(whose) == 2
    assert np.count_nonzero(of_account != of_identifier) == 1


def test_what_an_edge_says_is_the_same_whatever_else_is_looked_at():
    shared = sharing(bookings(an_office("a") + an_office("b") + asks("c", "d", "p") + asks("e", "d", "p", at=9 * DAY)))
    every = np.arange(len(shared.account))
    some = every[shared.identifier[every] % 2 == 0]

    assert 0 < len(some) < len(every)
    assert weights_of(shared, some) == pytest.approx(weights_of(shared, every)[some])


def test_no_edges_have_no_communities():
    shared, nobody = sharing(bookings([])), np.empty(0, np.int64)
    assert [len(part) for part in communities(shared, nobody, nobody, weights_of(shared, nobody))] == [0, 0]


def test_missing_and_empty_values_are_not_known():
    rows = bookings(asks("a", None, "") + asks("b", b"", "p"))
    assert is_known(rows["device"]).tolist() == [False, False]
    assert is_known(rows["phone"]).tolist() == [False, True]
