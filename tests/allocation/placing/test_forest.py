import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allocation.placing.forest import without_cycles

EDGES = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 5)), st.integers(1, 6))


def is_forest(edges: list[tuple[int, int]]) -> bool:
    """Whether no edge joins two nodes that are joined already."""
    group: dict[tuple[str, int], tuple[str, int]] = {}

    def leader(node: tuple[str, int]) -> tuple[str, int]:
        while group.setdefault(node, node) != node:
            node = group[node]
        return node

    for row, place in edges:
        one, other = leader(("row", row)), leader(("bin", place))
        if one == other:
            return False
        group[one] = other
    return True


@given(EDGES)
def test_units_without_cycles_are_as_many_in_each_row_and_bin(units: dict[tuple[int, int], int]) -> None:
    row, place, before = (
        np.array([*one], np.int64) for one in ([e[0] for e in units], [e[1] for e in units], units.values())
    )

    after = without_cycles(row, place, before)

    assert (after >= 0).all()
    assert np.bincount(row, after).tolist() == np.bincount(row, before).tolist()
    assert np.bincount(place, after).tolist() == np.bincount(place, before).tolist()
    assert is_forest([edge for edge, left in zip(units, after.tolist(), strict=True) if left])
    if is_forest(list(units)):
        assert after.tolist() == before.tolist()
