"""A lottery that anyone can check: committed seed, Merkle root over the requests, one number per person.

Before the window opens, ``commitment(seed)`` is published. When it closes, ``root`` over all requests is
published and each person gets an ``inclusion_proof``. Then ``lottery_number`` is fixed: the seed cannot be
chosen after the requests are known, and no request can be added after the seed is known.

Sources: Laurie, Langley, Kasper, RFC 6962 (2013) section 2.1 and RFC 9162 (2021) section 2.1.3 for the tree;
Krawczyk, Bellare, Canetti, RFC 2104 (1997) for HMAC.
"""

import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 32
MIN_SEED_BYTES = 16


def commitment(seed: bytes) -> bytes:
    """SHA-256 of the seed, to publish before the first request. ValueError for a seed under 16 bytes."""
    if len(seed) < MIN_SEED_BYTES:
        raise ValueError(f"seed: {len(seed)} bytes can be guessed, expected at least {MIN_SEED_BYTES}")
    return hashlib.sha256(seed).digest()


def keeps_commitment(seed: bytes, committed: bytes) -> bool:
    """Whether this seed is the one that was committed to."""
    return hmac.compare_digest(hashlib.sha256(seed).digest(), committed)


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf): the first byte keeps a leaf from being passed off as a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_tree(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels of the RFC 6962 tree, leaf hashes first, the root's level last; ``[]`` without leaves.

    Pairing neighbours and carrying an odd last node up gives the same tree as the RFC's recursive split
    at the largest power of two, in one pass.
    """
    if not leaves:
        return []
    levels = [[leaf_hash(leaf) for leaf in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over the leaves in their order, 32 bytes; without leaves SHA-256 of nothing, as in the RFC."""
    return tree_root(merkle_tree(leaves))


def tree_root(tree: Sequence[Sequence[bytes]]) -> bytes:
    """Root of a tree from ``merkle_tree``."""
    return tree[-1][0] if tree else hashlib.sha256(b"").digest()


def inclusion_proof(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Sibling hashes from the leaf at ``index`` up to the root, for that person's receipt.

    Raises
    ------
    IndexError
        No such leaf.
    """
    if not tree or not 0 <= index < len(tree[0]):
        raise IndexError(f"no leaf {index} in a tree of {len(tree[0]) if tree else 0}")
    proof: list[bytes] = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        index >>= 1
    return proof


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows ``leaf`` at ``index`` among ``size`` leaves under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last = leaf_hash(leaf), size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while index and not index & 1:
                index >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and hmac.compare_digest(node, root)


def lottery_number(seed: bytes, public: bytes, draw_id: bytes) -> bytes:
    """HMAC-SHA-256 of a person's draw id under seed ‖ public, 32 bytes; the lower, the better.

    It belongs to the person: a second request of the same person gets the same number.

    Parameters
    ----------
    seed
        The committed seed.
    public
        The root over the requests, or (nobody, not even who knows the seed, can then aim the number) a beacon's value
        and the hash of what was fixed before that value came: 32 or 64 bytes.
    draw_id
        The person's id in this draw.

    Raises
    ------
    ValueError
        ``public`` is of another length.
    """
    if len(public) not in (HASH_BYTES, 2 * HASH_BYTES):
        raise ValueError(f"public: expected {HASH_BYTES} or {2 * HASH_BYTES} bytes, found {len(public)}")
    return hmac.digest(seed + public, draw_id, hashlib.sha256)


def lottery_numbers(seed: bytes, public: bytes, draw_ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the number of each of many people, uint8 (n, 32), from their ids, uint8 (n, k); as `lottery_number`."""
    numbers = b"".join([lottery_number(seed, public, one) for one in _split(draw_ids)])
    return np.frombuffer(numbers, np.uint8).reshape(-1, HASH_BYTES)


def line_order(
    tiers: NDArray[np.integer], numbers: NDArray[np.uint8], draw_ids: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """Position in line of each request: higher tier first, then lower number, then lower draw id.

    Parameters
    ----------
    tiers, numbers, draw_ids
        (n,), uint8 (n, k) and uint8 (n, l): priority tier, ``lottery_number`` and draw id of each request's person.

    Returns
    -------
    NDArray[np.int32]
        (n,), a permutation, 0 = first; what ``Problem.order`` takes.

    Raises
    ------
    ValueError
        Different lengths, or a draw id that appears twice (the line would depend on the rows).
    """
    if not len(tiers) == len(numbers) == len(draw_ids):
        raise ValueError(f"lengths differ: {len(tiers)} tiers, {len(numbers)} numbers, {len(draw_ids)} draw ids")
    ids, lead, tier = _split(draw_ids), _lead(numbers), -tiers.astype(np.int64)
    _refuse_repeated(ids)
    rows = np.lexsort((lead, tier))
    # whoever has the same first bytes is sorted once more, by all of them
    same = (lead[rows][1:] == lead[rows][:-1]) & (tier[rows][1:] == tier[rows][:-1])
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    whole = _split(numbers)
    rows[tied] = sorted(rows[tied].tolist(), key=lambda row: (tier[row], whole[row], ids[row]))
    order = np.empty(len(tiers), np.int32)
    order[rows] = np.arange(len(tiers), dtype=np.int32)
    return order


def _refuse_repeated(draw_ids: Sequence[bytes]) -> None:
    if len(set(draw_ids)) == len(draw_ids):
        return
    seen: set[bytes] = set()
    for row, draw_id in enumerate(draw_ids):
        if draw_id in seen:
            raise ValueError(f"draw_ids: row {row} repeats {draw_id.hex()}")
        seen.add(draw_id)


def _lead(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the first eight bytes of each row as a number that sorts as they do."""
    lead = np.zeros((len(rows), 8), np.uint8)
    lead[:, : rows.shape[1]] = rows[:, :8]
    return lead.view(">u8").reshape(-1).astype(np.uint64)


def _split(rows: NDArray[np.uint8]) -> list[bytes]:
    """Return each row of bytes."""
    whole, size = np.ascontiguousarray(rows).tobytes(), rows.shape[1]
    return [whole[row * size : (row + 1) * size] for row in range(len(rows))]
