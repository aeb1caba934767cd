import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from allocation import lottery

# the leaves and roots that the certificate-transparency project tests its trees with
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SEED = b"a seed of sufficient length"


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition in RFC 6962, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_of_certificate_transparency(size: int, root: str) -> None:
    assert lottery.merkle_root(LEAVES[:size]).hex() == root


def test_without_requests_the_root_is_the_hash_of_nothing() -> None:
    assert lottery.merkle_root([]) == hashlib.sha256().digest()


@pytest.mark.parametrize("size", [*range(1, 34), 100])
def test_every_leaf_has_a_proof_and_it_fits_no_other_leaf_place_or_root(size: int) -> None:
    leaves = [b"request %d" % number for number in range(size)]
    tree = lottery.merkle_tree(leaves)
    root = lottery.tree_root(tree)

    assert root == recursive_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = lottery.inclusion_proof(tree, index)
        assert lottery.is_included(leaf, index, size, proof, root)
        assert not lottery.is_included(b"another", index, size, proof, root)
        assert not lottery.is_included(leaf, index, size, proof, bytes(32))
        assert not lottery.is_included(leaf, index, size, [*proof, bytes(32)], root)
        assert not lottery.is_included(leaf, index, size, proof[:-1], root) or size == 1
        assert not any(lottery.is_included(leaf, other, size, proof, root) for other in range(size) if other != index)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_does_not_exist_has_no_proof(index: int) -> None:
    tree = lottery.merkle_tree([b"a", b"b", b"c"])

    with pytest.raises(IndexError):
        lottery.inclusion_proof(tree, index)
    assert not lottery.is_included(b"a", index, 3, [], lottery.tree_root(tree))


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    inner = lottery.leaf_hash(b"a") + lottery.leaf_hash(b"b")

    assert lottery.merkle_root([inner]) != lottery.merkle_root([b"a", b"b"])


def test_only_the_committed_seed_keeps_the_commitment() -> None:
    committed = lottery.commitment(SEED)

    assert committed == hashlib.sha256(SEED).digest()
    assert lottery.keeps_commitment(SEED, committed)
    assert not lottery.keeps_commitment(SEED + b"x", committed)
    with pytest.raises(ValueError, match="can be guessed"):
        lottery.commitment(b"short")


def test_a_lottery_number_is_the_hmac_of_the_person_under_seed_and_root() -> None:
    root = lottery.merkle_root([b"a"])

    number = lottery.lottery_number(SEED, root, b"person 1")

    assert number == hmac.new(SEED + root, b"person 1", hashlib.sha256).digest()
    with pytest.raises(ValueError, match="public: expected 32 or 64 bytes, found 3"):
        lottery.lottery_number(SEED, b"abc", b"person 1")


def test_asking_twice_gains_nothing_because_the_number_belongs_to_the_person() -> None:
    root = lottery.merkle_root([b"request 1 of person 1", b"request 2 of person 1"])

    assert lottery.lottery_number(SEED, root, b"person 1") == lottery.lottery_number(SEED, root, b"person 1")


def test_one_more_request_changes_every_number() -> None:
    before, after = lottery.merkle_root([b"a", b"b"]), lottery.merkle_root([b"a", b"b", b"c"])

    assert lottery.lottery_number(SEED, before, b"person 1") != lottery.lottery_number(SEED, after, b"person 1")


def rows_of(texts: list[bytes], size: int) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(texts), np.uint8).reshape(-1, size)


NUMBERS = st.sampled_from([b"12345678a", b"12345678b", b"1234567aa", b"\x00" * 9, b"\x00" * 8 + b"\x01", b"\xff" * 9])


@given(st.lists(st.tuples(st.integers(0, 3), NUMBERS, st.binary(min_size=2, max_size=2)), unique_by=lambda r: r[2]))
def test_the_line_is_sorted_by_tier_then_number_then_draw_id(rows: list[tuple[int, bytes, bytes]]) -> None:
    tiers, numbers, ids = [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]

    order = lottery.line_order(np.array(tiers, np.int16), rows_of(numbers, 9), rows_of(ids, 2))

    line = sorted(range(len(rows)), key=lambda row: order[row])
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert [(-tiers[r], numbers[r], ids[r]) for r in line] == sorted((-t, n, i) for t, n, i in rows)


def test_a_line_with_a_repeated_draw_id_or_columns_of_different_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="draw_ids: row 1 repeats 61"):
        lottery.line_order(np.zeros(2, np.int16), rows_of([b"1", b"2"], 1), rows_of([b"a", b"a"], 1))
    with pytest.raises(ValueError, match="lengths differ"):
        lottery.line_order(np.zeros(1, np.int16), rows_of([b"1", b"2"], 1), rows_of([b"a", b"b"], 1))
