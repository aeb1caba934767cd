import pytest

from allocation import lottery, merkle

LEAVES = [b"entry %d" % number for number in range(70)]


def node_of(leaves: list[bytes]):
    return lambda node: lottery.merkle_root(leaves[node[1] << node[0] : (node[1] + 1) << node[0]])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33, 70])
def test_proofs_from_nodes_are_those_of_the_whole_tree(size: int) -> None:
    leaves, node = LEAVES[:size], node_of(LEAVES)
    tree = lottery.merkle_tree(leaves)

    assert merkle.run_hash((0, size), node) == lottery.tree_root(tree)
    for index in range(size):
        hashes = [merkle.run_hash(run, node) for run in merkle.inclusion_runs(index, size)]
        assert hashes == lottery.inclusion_proof(tree, index)


@pytest.mark.parametrize("size", [1, 2, 6, 7, 8, 33, 64])
def test_consistency_is_proven_for_every_older_size_and_no_other_root(size: int) -> None:
    node, root = node_of(LEAVES), lottery.merkle_root(LEAVES[:size])
    for old in range(size + 1):
        old_root = lottery.merkle_root(LEAVES[:old])
        proof = [merkle.run_hash(run, node) for run in merkle.consistency_runs(old, size)]

        assert merkle.is_consistent(old, old_root, size, root, proof)
        assert not merkle.is_consistent(old, bytes(32), size, root, proof)
        assert not merkle.is_consistent(old, old_root, size, root, [*proof, bytes(32)])
        if 0 < old < size:
            assert not merkle.is_consistent(old, old_root, size, bytes(32), proof)
            assert not merkle.is_consistent(old, old_root, size, root, proof[:-1])


def test_the_proof_of_rfc_9162_has_the_nodes_it_names() -> None:
    # RFC 9162, 2.1.5: from 3 to 7 leaves [c, d, g, l], from 4 to 7 [l], from 6 to 7 [i, j, k]
    assert merkle.consistency_runs(3, 7) == [(2, 3), (3, 4), (0, 2), (4, 7)]
    assert merkle.consistency_runs(4, 7) == [(4, 7)]
    assert merkle.consistency_runs(6, 7) == [(4, 6), (6, 7), (0, 4)]


def test_a_smaller_tree_never_begins_with_a_larger_one() -> None:
    with pytest.raises(IndexError):
        merkle.consistency_runs(8, 7)
    assert not merkle.is_consistent(8, bytes(32), 7, bytes(32), [])
