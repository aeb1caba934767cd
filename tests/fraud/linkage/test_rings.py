"""Rings of accounts on shared devices and phones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.linkage.rings import FEWEST_ACCOUNTS, HUB_FROM, components, find_rings


def bookings(rows):
    return pd.DataFrame(rows, columns=["account", "device", "phone"])


def a_ring(accounts, name="r"):
    """Accounts on two devices, with phones of their own."""
    return [(f"{name}{n}", f"{name}-device-{n % 2}", f"{name}-phone-{n}") for n in range(accounts)] + [
        (f"{name}0", f"{name}-device-1", f"{name}-phone-0")
    ]


def brute_force(nodes, edges):
    """Flood from each node."""
    found = list(range(nodes))
    changed = True
    while changed:
        changed = False
        for a, b in edges:
            low = min(found[a], found[b])
            changed |= found[a] != low or found[b] != low
            found[a] = found[b] = low
    return found


@settings(max_examples=50)
@given(st.integers(1, 25).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_flooding(graph):
    nodes, edges = graph
    ends = np.array(edges, np.int64).reshape(-1, 2)
    assert components(nodes, ends[:, 0], ends[:, 1]).tolist() == brute_force(nodes, edges)


def test_an_edge_outside_the_nodes_is_refused():
    with pytest.raises(ValueError, match="outside the 3 nodes"):
        components(3, np.array([0]), np.array([3]))


def test_accounts_on_two_devices_are_one_ring_with_its_evidence():
    found = find_rings(bookings(a_ring(12)))
    assert found.rings.to_dict("records") == [{"accounts": 12, "bookings": 13, "identifiers": 2, "sharing": 6.5}]
    assert sorted(found.members["account"]) == sorted(f"r{n}" for n in range(12))
    assert set(found.links["kind"]) == {"device"}
    assert found.links["bookings"].sum() == 13


def test_two_rings_are_two_and_the_larger_comes_first():
    found = find_rings(bookings(a_ring(9, "s") + a_ring(20, "l")))
    assert found.rings["accounts"].tolist() == [20, 9]
    assert {account[0] for account in found.members.loc[found.members["ring"] == 0, "account"]} == {"l"}


def test_too_few_accounts_are_not_a_ring():
    assert find_rings(bookings(a_ring(FEWEST_ACCOUNTS - 1))).rings.empty


def test_a_family_with_two_phones_and_one_device_is_not_a_ring():
    family = [("mother", "tablet", "1"), ("father", "tablet", "2"), ("aunt", "tablet", "2")] * 20
    assert find_rings(bookings(family)).rings.empty


def test_a_chain_by_chance_is_not_a_ring():
    chain = [(f"a{n}", f"d{n // 2}", f"p{(n + 1) // 2}") for n in range(40)]
    assert find_rings(bookings(chain)).rings.empty


def test_unknown_devices_join_nobody():
    for unknown in ("", b"", None, float("nan")):
        rows = bookings([(f"a{n}", unknown, f"p{n}") for n in range(30)]).astype({"device": object})
        assert find_rings(rows).rings.empty


def test_a_kiosk_joins_nobody_and_breaks_no_ring():
    crowd = [(f"a{n}", "kiosk", f"p{n}") for n in range(HUB_FROM + 10)]
    assert find_rings(bookings(crowd)).rings.empty
    ring = a_ring(12)
    both = [*crowd, *ring, *[(account, "kiosk", phone) for account, _, phone in ring]]
    assert find_rings(bookings(both)).rings["accounts"].tolist() == [12]


@pytest.mark.parametrize("accounts", [HUB_FROM - 1, HUB_FROM])
def test_the_hub_bound_is_exact(accounts):
    crowd = [(f"a{n}", "one device", f"p{n}") for n in range(accounts)]
    assert len(find_rings(bookings(crowd)).rings) == (accounts < HUB_FROM)


def test_no_bookings_have_no_rings():
    found = find_rings(bookings([]))
    assert found.rings.empty
    assert found.members.empty
    assert found.links.empty


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), st.integers(0, 6)), max_size=80), st.randoms())
def test_the_order_of_bookings_changes_nothing(rows, random):
    def found(some):
        members = find_rings(bookings(some), fewest_accounts=3, fewest_sharing=2).members
        return {frozenset(group) for _, group in members.groupby("ring")["account"]}

    named = [(a, f"d{d}", f"p{p}") for a, d, p in rows]
    shuffled = random.sample(named, len(named))
    assert found(named) == found(shuffled)
