"""What holds over invented neighbourhoods that nothing was learned from."""

import pandas as pd
import pytest

from fraud.rings import Role, find_rings, neighbourhoods
from fraud.rings.neighbourhoods import COLUMNS
from tests.support.effort import examples

SEEDS = range(301, 301 + examples(3, nightly=30))


@pytest.fixture(scope="module", params=SEEDS)
def world(request):
    """The bookings of one seed, and what was found in them, each member beside the truth."""
    bookings = neighbourhoods(request.param, size=6)
    found = find_rings(bookings)
    truth = bookings.groupby("account")[["kind", "role"]].first()
    return bookings, found.members.join(truth.add_suffix("_true"), on="account")


def test_a_client_is_never_more_than_a_client(world):
    _, members = world
    clients = members[members["role_true"] == Role.CLIENT]
    assert set(clients["role"]) <= {Role.CLIENT}


def test_honest_places_have_no_account_that_is_a_rings_own(world):
    _, members = world
    own = members[members["role"] != Role.CLIENT]
    assert (own["role_true"] != "").mean() >= 0.9


def test_most_of_a_rings_own_accounts_are_found(world):
    bookings, members = world
    own = bookings.loc[bookings["role"].isin([Role.ORGANISER, Role.TOOL]), "account"].unique()
    found = set(members.loc[members["role"] != Role.CLIENT, "account"])
    assert len(found.intersection(own)) / len(own) >= 0.7


def test_equal_seeds_make_equal_neighbourhoods():
    one, other = neighbourhoods(5, size=2), neighbourhoods(5, size=2)
    pd.testing.assert_frame_equal(one, other)
    assert list(one.columns) == list(COLUMNS)
    assert not one.equals(neighbourhoods(6, size=2))


def test_clients_and_organisers_are_in_rings_and_nobody_else_is():
    bookings = neighbourhoods(7, size=4)
    assert set(bookings.loc[bookings["ring"] < 0, "role"]) == {""}
    assert set(bookings.loc[bookings["ring"] >= 0, "role"]) <= set(Role)
